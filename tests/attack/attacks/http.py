"""Requests that are slow, large, unfinished, or whose answers nobody reads."""
import wire
from attacker import MIB, attack

LARGE = '/graphiql/graphiql.js'  # an answer of about 1 MiB
SMALL_BUFFER = 2304  # the least that the kernel gives: its answers stay with the server
LIMIT = 3 * MIB  # of most bodies under /on/


def slowly(data):
    """A script that sends one byte every 100 ms."""
    def script(peer):
        for at in range(len(data)):
            yield from peer.send(data[at:at + 1])
            peer.me.did['bytes'] += 1
            yield 0.1
        yield from peer.answer()
    return script


@attack('slow-headers', asks=('info', 'connect'))
def slow_headers(me):
    """A thousand connections send a request head one byte at a time, so that each keeps its place as long as the server lets it."""
    me.run([slowly(wire.get('/healthz', {'X-Slow': 'a' * 4000}))] * me.scaled(1000))


@attack('slow-bodies', asks=('info', 'upload'), whole_only=True)
def slow_bodies(me):
    """A thousand connections announce 3 MiB and send one byte at a time."""
    announced = wire.head('POST', '/on/node/info', size=LIMIT)

    def script(peer):
        yield from peer.send(announced)
        yield from slowly(b'0' * 4000)(peer)
    me.run([script] * me.scaled(1000))


@attack('slow-readers', asks=('info', 'connect'))
def slow_readers(me):
    """Three hundred connections ask for 1 MiB and read 1 KiB of it every 100 ms: slow, but never idle."""
    def script(peer):
        yield from peer.send(wire.get(LARGE))
        yield from peer.status_only()
        while True:
            try:
                peer.me.did['KiB read'] += len(peer.connection.recv(1024)) / 1024
            except BlockingIOError:
                pass
            yield 0.1
    me.run([script] * me.scaled(300), receive=SMALL_BUFFER)


def unread(path, pause=0.05):
    def script(peer):
        yield from peer.send(wire.get(path))
        if (yield from peer.status_only()) == 200:
            yield from peer.hold()
        yield pause
    return script


@attack('unread-answers', asks=('info', 'connect'))
def unread_answers(me):
    """Four hundred connections ask for 1 MiB each and read nothing."""
    me.run([unread(LARGE)] * me.scaled(400, least=200), receive=SMALL_BUFFER)


@attack('unread-history', asks=('info', 'history'))
def unread_history(me):
    """Four hundred connections ask for the longest page of history and read nothing of it; who is refused asks again."""
    me.run([unread('/events/history?on=/on/blocks/accepted&limit=10000', pause=0.01)] * me.scaled(400, least=200), receive=SMALL_BUFFER)


@attack('pipelining', asks=('info',))
def pipelining(me):
    """Thirty connections send requests without waiting for answers, as many as fit into the socket."""
    requests = wire.get('/healthz') * 1200

    def script(peer):
        yield from peer.pour(requests)
    me.run([script] * me.scaled(30, least=10))


@attack('large-heads', asks=('info',), whole_only=True)
def large_heads(me):
    """Thirty connections send heads that are as large as heads may be, with a hundred headers, in a row."""
    one = wire.get('/healthz', {f'X-{number}': 'a' * 140 for number in range(95)})

    def script(peer):
        yield from peer.pour(one * 4)
    me.run([script] * me.scaled(30, least=10))


def bodies(request):
    def script(peer):
        while True:
            yield from peer.ask(request)
    return script


@attack('large-bodies', asks=('info',))
def large_bodies(me):
    """Eight connections send 3 MiB to node/info, which needs no body, again and again."""
    me.run([bodies(wire.post('/on/node/info', b'a' * LIMIT, wire.BINARY))] * 8)


@attack('hex-bodies', asks=('info',))
def hex_bodies(me):
    """Eight connections send 3 MiB of hex text to node/info, which the server must decode before it knows that nobody needs it."""
    me.run([bodies(wire.post('/on/node/info', b'0x' + b'5a' * (LIMIT // 2 - 1), wire.HEX))] * 8)


@attack('hex-transactions', asks=('info', 'preverify'), whole_only=True)
def hex_transactions(me):
    """Eight connections send 3 MiB of hex text as a transaction."""
    me.run([bodies(wire.post('/on/transactions/preverify', b'0x' + b'5a' * (LIMIT // 2 - 1), wire.HEX))] * 8)


@attack('endless-uploads', asks=('upload', 'info'))
def endless_uploads(me):
    """Uploads of 3 MiB that stop before their end, until there is no room for more; then smaller and smaller ones."""
    sizes = (LIMIT - 1, LIMIT // 4, 65_536, 4096, 512)

    def script(peer):
        size = sizes[peer.number % len(sizes)]
        yield from peer.send(wire.head('POST', '/on/transactions/preverify', size=LIMIT))
        yield from peer.send(b'0' * size)
        peer.me.did['KiB sent'] += size / 1024
        yield from peer.hold()
    me.run([script] * me.scaled(1000, least=500))


@attack('gas-prices', asks=('info',), whole_only=True)
def gas_prices(me):
    """Thirty connections ask for gas prices of a large mempool and for other answers that the event loop computes."""
    requests = wire.post('/on/blocks/gas-price', b'18446744073709551615') * 500 + wire.post('/on/network/peers', b'65535') * 500

    def script(peer):
        yield from peer.pour(requests)
    me.run([script] * me.scaled(30, least=10))
