"""Handshakes that cost the server a signature and the client nothing."""
import wire
from attacker import attack


@attack('half-open-tls', asks=('secure', 'secure_kept'), node='p-256')
def half_open(me):
    """Two thousand connections begin a handshake, let the server sign, and never go on."""
    known = wire.hellos(20)

    def script(peer):
        yield from peer.send(me.random.choice(known))
        yield from peer.read()
        peer.me.did['signed'] += 1
        yield from peer.hold()
    me.run([script] * me.scaled(2000))


@attack('half-hellos', asks=('secure', 'secure_kept'), node='p-256')
def half_hellos(me):
    """Two thousand connections send one hello of 16 KiB but for its last byte."""
    record = b'\x16\x03\x01\x40\x00\x01\x00\x3f\xfc' + b'\0' * 16_379

    def script(peer):
        yield from peer.send(record)
        peer.me.did['KiB sent'] += len(record) / 1024
        yield from peer.hold()
    me.run([script] * me.scaled(2000))


def hello_flood(me):
    known = wire.hellos(50)

    def script(peer):
        yield from peer.send(me.random.choice(known))
        yield from peer.read()
        peer.me.did['signed' if peer.got[0] == 22 else 'refused'] += 1
        peer.reset()
    me.run([script] * me.scaled(64, least=16), again=0.0)


@attack('hello-flood-p-256', asks=('secure', 'secure_kept'), node='p-256', attackers=2)
def hello_flood_p256(me):
    """Hellos to a server with a P-256 key, from which the client leaves when the server has signed."""
    hello_flood(me)


@attack('hello-flood-rsa-2048', asks=('secure', 'secure_kept'), node='rsa-2048', attackers=2, whole_only=True)
def hello_flood_rsa2048(me):
    """Hellos to a server with an RSA key of 2,048 bits."""
    hello_flood(me)


@attack('hello-flood-rsa-4096', asks=('secure', 'secure_kept'), node='rsa-4096', attackers=2)
def hello_flood_rsa4096(me):
    """Hellos to a server with an RSA key of 4,096 bits, whose signature costs some milliseconds."""
    hello_flood(me)
