"""The bytes of requests, answers, WebSocket frames and TLS hellos. Nothing here opens a socket."""
import json
import ssl
import struct

HEX = {'Content-Type': 'text/plain'}
BINARY = {'Content-Type': 'application/octet-stream'}
JSON = {'Content-Type': 'application/json'}

TEXT, BINARY_FRAME, CLOSE, PING, PONG = 1, 2, 8, 9, 10


def head(method, path, headers=None, size=None):
    lines = {'Host': '127.0.0.1', **({} if size is None else {'Content-Length': size}), **(headers or {})}
    return (f'{method} {path} HTTP/1.1\r\n' + ''.join(f'{name}: {value}\r\n' for name, value in lines.items()) + '\r\n').encode('latin1')


def get(path, headers=None):
    return head('GET', path, headers)


def post(path, body=b'', headers=None):
    return head('POST', path, headers, len(body)) + body


def graphql(query):
    return post('/graphql', json.dumps({'query': query}).encode(), JSON)


def upgrade(path, headers=None):
    return get(path, {'Connection': 'Upgrade', 'Upgrade': 'websocket', 'Sec-WebSocket-Version': '13',
                      'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==', **(headers or {})})


def frame(opcode, payload=b'', last=True):
    """A frame of a client. Its mask is zero, so the payload is sent as it is."""
    size = len(payload)
    if size < 126:
        length = bytes([0x80 | size])
    elif size < 65_536:
        length = bytes([0x80 | 126]) + struct.pack('>H', size)
    else:
        length = bytes([0x80 | 127]) + struct.pack('>Q', size)
    return bytes([(0x80 if last else 0) | opcode]) + length + bytes(4) + payload


def command(**members):
    return frame(TEXT, json.dumps(members).encode())


def take_frame(got):
    """Removes a frame of the server from `got`: its opcode and payload. None while it is not whole."""
    if len(got) < 2:
        return None
    size, at = got[1] & 127, 2
    if size == 126:
        if len(got) < 4:
            return None
        size, at = struct.unpack_from('>H', got, 2)[0], 4
    elif size == 127:
        if len(got) < 10:
            return None
        size, at = struct.unpack_from('>Q', got, 2)[0], 10
    if len(got) < at + size:
        return None
    out = got[0] & 15, bytes(got[at:at + size])
    del got[:at + size]
    return out


def parse_head(got):
    """Status, headers in lower case, and size of the head. None while it is not whole."""
    end = got.find(b'\r\n\r\n')
    if end < 0:
        return None
    first, *lines = bytes(got[:end]).decode('latin1').split('\r\n')
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(':') for line in lines)}
    return int(first.split(' ')[1]), headers, end + 4


def hellos(count):
    """As many TLS client hellos, each with a key of its own."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    out = []
    for _ in range(count):
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        try:
            context.wrap_bio(incoming, outgoing).do_handshake()
        except ssl.SSLWantReadError:
            out.append(outgoing.read())
    return out
