"""Storms of connections, and messages of WebSockets that cost more than they say."""
import wire
from attacker import MIB, attack


@attack('connection-storm', asks=('connect', 'info'), attackers=2)
def connection_storm(me):
    """Connects and resets the connection, as often as it can."""
    def script(peer):
        peer.reset()
        yield 0.0
    me.run([script] * me.scaled(64, least=16), again=0.0)


@attack('request-storm', asks=('connect', 'info'), attackers=2, whole_only=True)
def request_storm(me):
    """A new connection for each request, as often as it can."""
    def script(peer):
        yield from peer.ask(wire.get('/healthz'))
        peer.reset()
    me.run([script] * me.scaled(64, least=16), again=0.0)


@attack('all-connections', asks=('connect', 'info'), node='few')
def all_connections(me):
    """One address opens twice as many connections as the server allows in all, and opens those again that it loses."""
    def script(peer):
        yield from peer.send(wire.get('/healthz'))
        yield from peer.answer()
        while True:
            yield from peer.hold()
    me.run([script] * 800)


def message_flood(data, reads=True):
    def script(peer):
        yield from peer.session()
        yield from peer.pour(data, reads)
    return script


@attack('pings', asks=('info', 'event'))
def pings(me):
    """Thirty sessions send pings of 125 bytes without a pause and read the pongs."""
    me.run([message_flood(wire.frame(wire.PING, b'p' * 125) * 500)] * me.scaled(30, least=10))


@attack('unread-pings', asks=('info', 'event'), whole_only=True)
def unread_pings(me):
    """Thirty sessions send pings without a pause and read nothing; who is closed comes again."""
    me.run([message_flood(wire.frame(wire.PING, b'p' * 125) * 500, reads=False)] * me.scaled(30, least=10))


@attack('empty-messages', asks=('info', 'event'), whole_only=True)
def empty_messages(me):
    """Thirty sessions send empty messages, the smallest there are, without a pause."""
    me.run([message_flood(wire.frame(wire.TEXT) * 8000)] * me.scaled(30, least=10))


@attack('fragments', asks=('info', 'event'))
def fragments(me):
    """Thirty sessions send messages in fragments of one byte."""
    message = wire.frame(wire.TEXT, b'x', last=False) + wire.frame(0, b'x', last=False) * 8000 + wire.frame(0, b'x')
    me.run([message_flood(message)] * me.scaled(30, least=10))


@attack('unfinished-messages', asks=('info', 'event'))
def unfinished_messages(me):
    """Three thousand sessions send a message of nearly 256 KiB but for its last fragment, and answer pings."""
    parts = [b'{' + b' ' * 65_534] + [b' ' * 65_535] * 3
    message = b''.join(wire.frame(0 if at else wire.TEXT, part, last=False) for at, part in enumerate(parts))

    def script(peer):
        yield from peer.session()
        yield from peer.send(message)
        peer.me.did['MiB sent'] += len(message) / MIB
        yield from peer.message(kind=None)
    me.run([script] * me.scaled(3000, least=1000))


@attack('commands', asks=('info', 'event'), attackers=2)
def commands(me):
    """Thirty sessions subscribe to 64 topics and unsubscribe, without a pause."""
    uris = [f'/on/transactions:{me.number * 1000 + number:064x}/included' for number in range(64)]
    data = wire.command(subscribe=uris) + wire.command(unsubscribe=uris)
    me.run([message_flood(data)] * me.scaled(15, least=5))


@attack('bad-commands', asks=('info', 'event'), whole_only=True)
def bad_commands(me):
    """Thirty sessions send commands of 200 KiB that are refused in the end."""
    text = b'{"subscribe":[' + b','.join([b'"/on/blocks/accepted"'] * 9000) + b']}'
    parts = [text[at:at + 60_000] for at in range(0, len(text), 60_000)]
    data = b''.join(wire.frame(0 if at else wire.TEXT, part, last=at + 1 == len(parts)) for at, part in enumerate(parts))
    me.run([message_flood(data)] * me.scaled(30, least=10))
