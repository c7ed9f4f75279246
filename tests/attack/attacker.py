"""What attackers are made of: thousands of connections in one process, each of which follows a script.

A script is a generator that gets its `Peer`. It says when it goes on: READABLE or WRITABLE or both, HELD (it only wants to know the end of the
connection), or a number of seconds. Most scripts use the generators of `Peer`: `yield from peer.send(data)`.
"""
import collections
import heapq
import json
import os
import random
import select
import signal
import socket
import time
import traceback

import processes
import wire

READABLE, WRITABLE, HELD = select.EPOLLIN, select.EPOLLOUT, select.EPOLLRDHUP
MIB = 1 << 20
PAUSE = 0.02  # seconds until a connection that failed is opened again
OPENED_A_TURN = 32  # new connections between two looks at those that are open
READ = 1 << 18

registry = {}


class Attack:
    def __init__(self, name, run, asks, node, attackers, whole_only):
        self.name, self.run, self.asks, self.node, self.attackers, self.whole_only = name, run, asks, node, attackers, whole_only
        self.says = ' '.join(run.__doc__.split())


def attack(name, asks=('info',), node='plain', attackers=1, whole_only=False):
    """Registers an attack. `asks`: what the good client does meanwhile (good.py). `node`: which node is attacked (target.py).
    `attackers`: processes, each with an address of its own. `whole_only`: with a part of the load only when it is named, because another attack
    checks the same memory. The doc string says what the attack tries."""
    def add(run):
        assert name not in registry, name
        registry[name] = Attack(name, run, asks, node, attackers, whole_only)
        return run
    return add


class Ended(Exception):
    """The server ended the connection."""


class Stopped(BaseException):
    """The time of the attack is over."""


class Peer:
    __slots__ = ('me', 'connection', 'got', 'number')

    def __init__(self, me, connection, number):
        self.me, self.connection, self.got, self.number = me, connection, bytearray(), number

    def send(self, data):
        left = memoryview(data)
        while left:
            try:
                left = left[self.connection.send(left):]
            except BlockingIOError:
                yield WRITABLE

    def take(self):
        """Keeps the bytes that are there; false when there are none."""
        try:
            part = self.connection.recv(READ)
        except BlockingIOError:
            return False
        if not part:
            raise Ended
        self.got += part
        return True

    def read(self):
        while not self.take():
            yield READABLE

    def answer(self):
        """The next answer: status, headers and body (empty when it came in chunks). Counts the status."""
        while not (found := wire.parse_head(self.got)):
            yield from self.read()
        status, headers, at = found
        self.me.did[str(status)] += 1
        if headers.get('transfer-encoding') == 'chunked':
            # No script sends a request before it has the answer to the one before, so the last chunk ends what came.
            while not self.got.endswith(b'\r\n0\r\n\r\n'):
                yield from self.read()
            end, body = len(self.got), b''
        else:
            end = at + int(headers.get('content-length', 0))
            while len(self.got) < end:
                yield from self.read()
            body = bytes(self.got[at:end])
        del self.got[:end]
        return status, headers, body

    def ask(self, request):
        yield from self.send(request)
        return (yield from self.answer())

    def status_only(self):
        """Counts the status of an answer whose bytes stay in the kernel; returns it."""
        while True:
            try:
                first = self.connection.recv(12, socket.MSG_PEEK)
                break
            except BlockingIOError:
                yield READABLE
        if len(first) < 12:
            raise Ended
        status = int(first[9:12])
        self.me.did[str(status)] += 1
        return status

    def frame(self):
        while not (found := wire.take_frame(self.got)):
            yield from self.read()
        return found

    def message(self, kind=wire.TEXT):
        """The next message of the kind. Answers pings, counts closes."""
        while True:
            opcode, payload = yield from self.frame()
            if opcode == kind:
                return payload
            if opcode == wire.PING:
                yield from self.send(wire.frame(wire.PONG, payload))
            if opcode == wire.CLOSE:
                self.me.did[f'close {int.from_bytes(payload[:2], "big")}'] += 1
                raise Ended

    def session(self, path='/on'):
        """Opens a session; returns its id."""
        status, _, _ = yield from self.ask(wire.upgrade(path))
        if status != 101:
            raise Ended
        return (yield from self.message()).decode()

    def pour(self, data, reads=True):
        """Sends `data` again and again, as fast as the server takes it, and throws its answers away."""
        while True:
            left = memoryview(data)
            while left:
                try:
                    left = left[self.connection.send(left):]
                except BlockingIOError:
                    pass
                if reads:
                    try:
                        size = len(part := self.connection.recv(READ))
                        if not part:
                            raise Ended
                        self.me.did['KiB read'] += size / 1024
                    except BlockingIOError:
                        pass
                yield WRITABLE | READABLE if reads else WRITABLE
            self.me.did['KiB poured'] += len(data) / 1024

    def hold(self):
        """Stays connected and reads nothing, until the server ends the connection."""
        self.me.did['held'] += 1
        try:
            while True:
                yield HELD
        finally:
            self.me.did['held'] -= 1

    def reset(self):
        """Ends the connection as a client that crashes."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b'\1\0\0\0\0\0\0\0')


class Attacker:
    """One hostile client: a process with an address of its own. `did` counts what happened to it, for the report."""

    def __init__(self, number, port, share, facts, pipe):
        self.number, self.port, self.share, self.facts, self.pipe = number, port, share, facts, pipe
        self.address = f'127.0.1.{number + 1}'
        self.did = collections.Counter()
        self.random = random.Random(number)
        self.receive = None

    def scaled(self, count, least=1):
        """As many as the share of the load says."""
        return max(least, count // self.share)

    def connect(self):
        connection = socket.socket()
        try:
            connection.settimeout(2)
            if self.receive:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self.receive)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.bind((self.address, 0))
            connection.connect(('127.0.0.1', self.port))
            connection.setblocking(False)
        except OSError:
            connection.close()
            raise
        return connection

    def run(self, scripts, receive=None, again=PAUSE):
        """Keeps one connection for each script. Who has ended comes again after `again` seconds (None: never).
        `receive`: bytes of the kernel's receive buffer, for clients that do not read."""
        self.receive = receive
        poll, waiting, alive, asleep = select.epoll(), collections.deque(enumerate(scripts)), {}, []
        unopened = len(waiting)
        while True:
            for _ in range(min(OPENED_A_TURN, len(waiting))):
                number, script = waiting.popleft()
                unopened -= 1
                if unopened == 0:
                    os.write(self.pipe, b'begun\n')
                try:
                    peer = Peer(self, self.connect(), number)
                except OSError as error:
                    self.did[f'no connection: {error.strerror or "timed out"}'] += 1
                    heapq.heappush(asleep, (time.monotonic() + PAUSE, number, 0, script))
                    continue
                self.did['connections'] += 1
                key = peer.connection.fileno()
                alive[key] = [peer, script(peer), script, None]
                poll.register(key, HELD)
                self.step(poll, alive, asleep, key, again)
            now = time.monotonic()
            while asleep and asleep[0][0] <= now:
                _, number, key, script = heapq.heappop(asleep)
                if key == 0:
                    waiting.append((number, script))
                elif key in alive and alive[key][0].number == number and alive[key][3] == 'asleep':
                    self.step(poll, alive, asleep, key, again)
            rest = 0 if waiting else min(0.1, max(0, asleep[0][0] - now)) if asleep else 0.1
            for key, events in poll.poll(rest, 512):
                if key not in alive:
                    continue
                peer, _, _, wants = alive[key]
                if wants in (HELD, 'asleep') and events & (select.EPOLLHUP | select.EPOLLERR | HELD):
                    self.did['ended by the server'] += 1
                    self.end(poll, alive, asleep, key, again)
                elif wants not in (HELD, 'asleep'):
                    self.step(poll, alive, asleep, key, again)

    def step(self, poll, alive, asleep, key, again):
        peer, script, _, before = alive[key]
        try:
            wants = next(script)
        except StopIteration:
            return self.end(poll, alive, asleep, key, again)
        except (Ended, OSError):
            self.did['ended by the server'] += 1
            return self.end(poll, alive, asleep, key, PAUSE if again is not None else None)
        if isinstance(wants, float):
            heapq.heappush(asleep, (time.monotonic() + wants, peer.number, key, None))
            wants = 'asleep'
        if wants != before:
            alive[key][3] = wants
            poll.modify(key, HELD if wants == 'asleep' else wants)

    @staticmethod
    def end(poll, alive, asleep, key, again):
        peer, script, restart, _ = alive.pop(key)
        script.close()
        poll.unregister(key)
        peer.connection.close()
        if again is not None:
            heapq.heappush(asleep, (time.monotonic() + again, peer.number, 0, restart))


def start(attack, number, port, share, facts, core):
    """Begins one attacker on `core`; returns its process id and the pipe that it reports through."""
    here, there = os.pipe()
    pid = os.fork()
    if pid:
        os.close(there)
        return pid, here
    code = 1
    try:
        os.close(here)
        def stop(*_):
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            raise Stopped
        processes.end_with_parent()
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, stop)
        os.sched_setaffinity(0, {core})
        os.nice(5)
        me = Attacker(number, port, share, facts, there)
        try:
            attack.run(me)
        except Stopped:
            pass
        did = {what: round(count) for what, count in me.did.items() if count}
        os.write(there, json.dumps(did).encode() + b'\n')
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)
