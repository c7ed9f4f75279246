"""The well-behaved client: a process of its own that asks now and then, checks each answer, and measures how long it waited."""
import json
import os
import pickle
import select
import signal
import socket
import ssl
import threading
import time

import processes
import wire

ADDRESS = '127.0.0.1'
PAUSE = 0.005  # seconds between an answer and the next question of its kind
REFUSED = {429, 503}


class Wrong(Exception):
    """An answer that no server may give, however busy it is."""


class Refused(Exception):
    """The server was too busy, or kept the client out."""


class Kept:
    """A connection for many questions."""

    def __init__(self, port, patience, tls=False):
        self.connection = socket.create_connection((ADDRESS, port), patience, (ADDRESS, 0))
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            self.connection = context.wrap_socket(self.connection)
        self.got = bytearray()

    def read(self):
        part = self.connection.recv(1 << 16)
        if not part:
            raise Refused('closed')
        self.got += part

    def answer(self):
        while not (found := wire.parse_head(self.got)):
            self.read()
        status, headers, at = found
        end = at + int(headers.get('content-length', 0))
        while len(self.got) < end:
            self.read()
        body = bytes(self.got[at:end])
        del self.got[:end]
        if status in REFUSED:
            raise Refused(str(status))
        return status, body

    def ask(self, *pieces):
        for each in pieces:
            self.connection.sendall(each)
        return self.answer()

    def message(self, kind):
        while True:
            while not (found := wire.take_frame(self.got)):
                self.read()
            opcode, payload = found
            if opcode == kind:
                return payload
            if opcode == wire.PING:
                self.connection.sendall(wire.frame(wire.PONG, payload))
            if opcode == wire.CLOSE:
                raise Refused(f'close {int.from_bytes(payload[:2], "big")}')

    def session(self):
        status, _ = self.ask(wire.upgrade('/on'))
        expect(status == 101, f'upgrade: {status}')
        return self.message(wire.TEXT).decode()

    def close(self):
        self.connection.close()


def expect(is_right, text):
    if not is_right:
        raise Wrong(text)


# Each probe is made for a node and returns what the client asks again and again. It raises Wrong or Refused; OSError counts as refused.

def info(port, patience, facts):
    """node/info on four kept connections, so that each event loop is asked."""
    kept, turn = [Kept(port, patience) for _ in range(4)], [0]

    def ask():
        turn[0] += 1
        status, body = kept[turn[0] % 4].ask(wire.post('/on/node/info'))
        expect(status == 200 and body == facts['node info'], f'node/info: {status} {body[:80]}')
    return ask


def connect(port, patience, _facts):
    """A new connection and one question."""
    def ask():
        kept = Kept(port, patience)
        try:
            status, body = kept.ask(wire.get('/healthz'))
            expect(status == 200, f'/healthz: {status} {body[:80]}')
        finally:
            kept.close()
    return ask


def secure(port, patience, _facts):
    """A new connection with TLS and one question."""
    def ask():
        kept = Kept(port, patience, tls=True)
        try:
            status, body = kept.ask(wire.get('/healthz'))
            expect(status == 200, f'/healthz: {status} {body[:80]}')
        finally:
            kept.close()
    return ask


def secure_kept(port, patience, _facts):
    """Questions on a kept connection with TLS."""
    kept = Kept(port, patience, tls=True)

    def ask():
        status, body = kept.ask(wire.get('/healthz'))
        expect(status == 200, f'/healthz: {status} {body[:80]}')
    return ask


def preverify(port, patience, facts):
    """The check of a valid transaction."""
    kept = Kept(port, patience)

    def ask():
        status, body = kept.ask(wire.post('/on/transactions/preverify', facts['honest'], wire.BINARY))
        expect(status == 202, f'preverify: {status} {body[:80]}')
    return ask


def simulate(port, patience, facts):
    """The execution of a valid transaction on a copy of the state."""
    kept = Kept(port, patience)

    def ask():
        status, body = kept.ask(wire.post('/on/transactions/simulate', facts['honest'], wire.BINARY))
        expect(status == 200 and json.loads(body)['error'] is None, f'simulate: {status} {body[:80]}')
    return ask


def upload(port, patience, facts):
    """A transaction that comes in two pieces."""
    kept = Kept(port, patience)
    request = wire.post('/on/transactions/preverify', facts['honest'], wire.BINARY)

    def ask():
        status, body = kept.ask(request[:-100], request[-100:])
        expect(status == 202, f'preverify: {status} {body[:80]}')
    return ask


def graphql(port, patience, facts):
    """A block by GraphQL, under a name that makes each question new."""
    kept, turn = Kept(port, patience), [0]

    def ask():
        turn[0] += 1
        status, body = kept.ask(wire.graphql(f'{{ a{turn[0]}: block(height: 1) {{ header {{ hash }} }} }}'))
        expect(status == 200, f'graphql: {status} {body[:80]}')
        answer = json.loads(body)
        if 'errors' in answer:  # such as the time limit
            raise Refused(str(answer['errors'][0].get('message'))[:60])
        expect(answer['data'][f'a{turn[0]}']['header']['hash'] == facts['block 1'], f'graphql: {body[:80]}')
    return ask


def call(port, patience, _facts):
    """A query of a contract."""
    kept = Kept(port, patience)
    request = wire.post(f'/on/contracts:01{"0" * 62}/chain_id', b'null', wire.JSON)

    def ask():
        status, body = kept.ask(request)
        expect(status == 200 and body == b'0', f'chain_id: {status} {body[:80]}')
    return ask


def history(port, patience, facts):
    """A page of one event."""
    kept = Kept(port, patience)

    def ask():
        status, body = kept.ask(wire.get('/events/history?on=/on/blocks/accepted&limit=1'))
        expect(status == 200 and facts['block 1'].encode() in body, f'history: {status} {body[:80]}')
    return ask


def event(port, patience, _facts):
    """From the order to make a block to its event on four sessions."""
    miner, sessions = Kept(port, patience), []
    for _ in range(4):
        session = Kept(port, patience)
        session.session()
        session.connection.sendall(wire.command(subscribe=['/on/blocks/accepted']))
        expect(b'"subscribed"' in (text := session.message(wire.TEXT)), f'subscribe: {text[:80]}')
        sessions.append(session)

    def ask():
        miner.connection.sendall(wire.post('/dev/mine'))
        seen = set()
        for each in sessions:
            payload = each.message(wire.BINARY_FRAME)
            headers = json.loads(payload[4:4 + int.from_bytes(payload[:4], 'little')])
            seen.add(headers['Rues-Block-Hash'])
        status, body = miner.answer()
        expect(status == 200 and len(seen) == 1, f'event: {status} {body[:80]}, blocks {seen}')
    return ask


def subscribe(port, patience, _facts):
    """A subscription and its end, on a session that stays."""
    kept = Kept(port, patience)
    kept.session()
    uri = f'/on/transactions:{"ab" * 32}/executed'

    def ask():
        for word, said in (('subscribe', b'{"subscribed":['), ('unsubscribe', b'{"unsubscribed":[')):
            kept.connection.sendall(wire.command(**{word: [uri]}))
            text = kept.message(wire.TEXT)
            expect(text.startswith(said), f'{word}: {text[:80]}')
    return ask


PROBES = {each.__name__: each for each in
          (info, connect, secure, secure_kept, preverify, simulate, upload, graphql, call, history, event, subscribe)}


def _ask(name, port, patience, facts, ready, is_over, out):
    """Asks until the end. A sample: begin, seconds waited, and why it was refused."""
    ask, samples, wrong = None, out['samples'][name], out['wrong']
    while not is_over.is_set():
        begun, refusal = time.monotonic(), None
        out['pending'][name] = begun
        try:
            ask = ask or PROBES[name](port, patience, facts)
            if not ready[name].is_set():
                for _ in range(8):
                    ask()
                ready[name].set()
                begun = time.monotonic()
            ask()
        except Refused as error:
            ask, refusal = None, str(error)
        except OSError as error:
            ask, refusal = None, error.strerror or str(error)
        except Exception as error:  # pylint: disable=broad-exception-caught
            ask, refusal = None, 'wrong'
            wrong.append(f'{name}: {error}')
        samples.append((begun, time.monotonic() - begun, refusal))
        out['pending'].pop(name)
        is_over.wait(PAUSE)


class Good:
    """Runs the probes from `start` to `end`. Samples are told apart by their time."""

    def __init__(self, names, port, patience, facts, core):
        """`patience`: seconds that a question may take, and seconds until the last answers must be there."""
        self.pipe, there = os.pipe()
        order, self.order = os.pipe()
        self.pid = os.fork()
        if self.pid:
            os.close(there)
            os.close(order)
            return
        try:
            processes.end_with_parent()
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            os.close(self.order)
            os.sched_setaffinity(0, {core})
            self._run(names, port, patience, facts, there, order)
        finally:
            os._exit(1)

    @staticmethod
    def _run(names, port, patience, facts, there, order):
        ready, is_over = {name: threading.Event() for name in names}, threading.Event()
        out = {'samples': {name: [] for name in names}, 'wrong': [], 'pending': {}}
        threads = [threading.Thread(target=_ask, args=(name, port, patience[0], facts, ready, is_over, out), daemon=True) for name in names]
        for each in threads:
            each.start()
        for each in ready.values():
            each.wait()
        os.write(there, b'r')
        os.read(order, 1)
        is_over.set()
        last = time.monotonic() + patience[1]
        for each in threads:
            each.join(max(0, last - time.monotonic()))
        for name, begun in list(out['pending'].items()):
            out['samples'][name].append((begun, time.monotonic() - begun, 'no answer'))
        out.pop('pending')
        with os.fdopen(there, 'wb') as file:
            pickle.dump(out, file)
        os._exit(0)

    def ready(self, patience):
        """True when each probe has been answered for the first time."""
        return bool(select.select([self.pipe], [], [], patience)[0]) and os.read(self.pipe, 1) == b'r'

    def end(self):
        """All samples, and the wrong answers."""
        os.write(self.order, b'e')
        os.close(self.order)
        with os.fdopen(self.pipe, 'rb') as file:
            data = file.read()
        if os.waitpid(self.pid, 0)[1]:
            raise processes.Broken('the good client failed')
        return pickle.loads(data)

    def kill(self):
        os.close(self.order)
        os.close(self.pipe)
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)


def percentile(samples, part):
    """In milliseconds; infinite when the questions were refused. Who waits does not ask meanwhile, so each wait also counts as the waits of
    the questions that were not asked."""
    values = []
    for _, wait, refusal in samples:
        if refusal:
            values.append(float('inf'))
        else:
            values += [wait - PAUSE * i for i in range(int(wait / PAUSE) + 1)]
    values.sort()
    return values[min(len(values) - 1, int(part * len(values)))] * 1000 if values else float('inf')
