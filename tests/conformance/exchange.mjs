// HTTP/1.1 exchanges with any method, header and path. `fetch` does not allow all of them.
export const kPatience = 30_000; // ms; a sanitizer build on a busy machine stays well below

/** Settles as `promise` does, or fails with `what` after `patience` ms. */
export function within(promise, what, patience = kPatience) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no ${what} after ${patience} ms`)), patience);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/**
 * One HTTP/1.1 exchange on a connection of its own. Method, path and headers are sent exactly as given; Host,
 * Content-Length and Connection are added. `to.connect()` makes the socket. `to.authority` or `to.port` gives the value
 * of Host.
 */
export function request(to, method, path, headers = {}, body = '') {
  const bytes = Buffer.from(body);
  const names = new Set(Object.keys(headers).map((name) => name.toLowerCase()));
  const all = { ...headers };
  if (!names.has('host')) all.Host = to.authority ?? `localhost:${to.port}`;
  if (!names.has('content-length') && (bytes.length > 0 || method === 'POST')) all['Content-Length'] = bytes.length;
  all.Connection = 'close';
  const head = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`).join('');
  const exchange = new Promise((resolve, reject) => {
    const socket = to.connect();
    const parts = [];
    socket.on('connect', () => {
      socket.write(Buffer.concat([Buffer.from(`${method} ${path} HTTP/1.1\r\n${head}\r\n`, 'latin1'), bytes]));
    });
    socket.on('data', (part) => parts.push(part));
    // The server may refuse a large body before it has read all of it. An answer that came before the error counts.
    let failure = null;
    socket.on('error', (error) => (failure = error));
    socket.on('close', () => {
      const answer = parseAnswer(Buffer.concat(parts), method);
      if (answer) resolve(answer);
      else reject(failure ?? new Error(`${method} ${path}: closed before a whole answer`));
    });
  });
  return within(exchange, `answer to ${method} ${path}`);
}

function parseAnswer(bytes, method) {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return null;
  const [first, ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n');
  const headers = new Map(lines.map((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  }));
  const status = Number(first.split(' ')[1]);
  let body = bytes.subarray(end + 4);
  if (method !== 'HEAD' && headers.get('transfer-encoding') === 'chunked') {
    body = joinChunks(body);
  } else if (method !== 'HEAD' && status !== 204 && headers.has('content-length')) {
    if (body.length !== Number(headers.get('content-length'))) return null;
  }
  return body && { status, headers, body };
}

function joinChunks(bytes) {
  const parts = [];
  for (let at = 0; ;) {
    const line = bytes.indexOf('\r\n', at);
    if (line < 0) return null;
    const size = Number.parseInt(bytes.subarray(at, line).toString('latin1'), 16);
    if (size === 0) return Buffer.concat(parts);
    if (line + 2 + size > bytes.length) return null;
    parts.push(bytes.subarray(line + 2, line + 2 + size));
    at = line + 2 + size + 2;
  }
}

