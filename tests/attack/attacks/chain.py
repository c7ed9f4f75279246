"""Work of the chain: signatures, blobs, simulations, the mempool, and calls of contracts."""
import hashlib
import json
import re
import struct

import wire
from attacker import attack
from attacks.http import SMALL_BUFFER

TRANSFER = f'01{"0" * 62}'
NOTES = wire.post(f'/on/contracts:{TRANSFER}/leaves_from_height', struct.pack('<Q', 0), {**wire.BINARY, 'Rusk-Feeder': '1'})  # 1 MiB and more


def forged(me):
    """Makes transactions that are well formed and payable; only the check of the signature tells. No two are equal."""
    good, at, number = me.facts['honest'], me.facts['amount at'], [1000 + me.number * 10_000_000]

    def make():
        number[0] += 1
        return good[:at] + struct.pack('<Q', number[0]) + good[at + 8:]
    return make


def posting(make):
    """A script that asks again and again; counts why it was refused."""
    def script(peer):
        while True:
            status, _, body = yield from peer.ask(make())
            if status >= 400:
                peer.me.did[re.sub('[0-9a-f]{16,}', '…', json.loads(body)['error'].removeprefix('Invalid input: '))[:90]] += 1
    return script


@attack('forged-preverify', asks=('preverify', 'info'), attackers=2)
def forged_preverify(me):
    """Two thousand connections ask to check transactions whose signatures are forged."""
    make = forged(me)
    me.run([posting(lambda: wire.post('/on/transactions/preverify', make(), wire.BINARY))] * me.scaled(1000, least=100))


@attack('forged-propagate', asks=('preverify', 'info'), attackers=2, whole_only=True)
def forged_propagate(me):
    """A thousand connections send transactions whose signatures are forged to the mempool."""
    make = forged(me)
    me.run([posting(lambda: wire.post('/on/transactions/propagate', make(), wire.BINARY))] * me.scaled(500, least=50))


@attack('valid-preverify', asks=('preverify', 'info'), attackers=2, whole_only=True)
def valid_preverify(me):
    """Five hundred connections ask again and again to check a valid transaction."""
    me.run([posting(lambda: wire.post('/on/transactions/preverify', me.facts['unseen'][0], wire.BINARY))] * me.scaled(250, least=25))


def with_blobs(me):
    """A payable transaction with six blobs of which the last one is not proven. All its elements are 2: the commitment is twice the generator, and the
    proof would be the identity (EIP-4844)."""
    good, value = me.facts['honest'], me.facts['amount at']
    commitment = bytes.fromhex('a572cbea904d67468808c8eb50a9450c9721db309128012543902d0ac358a62ae28f75bb8f1c7c42c39a8c5529bf0f4e')
    proof, data = b'\xc0' + bytes(47), (bytes(31) + b'\x02') * 4096
    name = b'\x01' + hashlib.sha256(commitment).digest()[1:]
    blob = name + b'\x01' + commitment + proof + data
    unproven = name + b'\x01' + commitment + commitment + data
    limit = value + 16
    payload = good[9:limit] + struct.pack('<Q', 10_000_000) + good[limit + 8:-49] + b'\x04\x06' + 5 * blob + unproven
    return good[:1] + struct.pack('<Q', len(payload)) + payload + good[-48:]


@attack('blob-proofs', asks=('preverify', 'info'), attackers=2)
def blob_proofs(me):
    """Sixty connections ask to check transactions with six blobs, 800 KB each, of which only the last proof is false."""
    request = wire.post('/on/transactions/preverify', with_blobs(me), wire.BINARY)
    me.run([posting(lambda: request)] * me.scaled(30, least=6))


@attack('simulate', asks=('simulate', 'preverify'), attackers=2, whole_only=True)
def simulate(me):
    """Two hundred connections simulate a valid transaction."""
    me.run([posting(lambda: wire.post('/on/transactions/simulate', me.facts['unseen'][0], {**wire.BINARY, 'Rues-Events': 'true'}))] * me.scaled(100, least=10))


@attack('simulate-trace', asks=('simulate', 'preverify'), attackers=2)
def simulate_trace(me):
    """Two hundred connections simulate a valid transaction and ask for its calls."""
    me.run([posting(lambda: wire.post('/on/transactions/simulate', me.facts['unseen'][0], {**wire.BINARY, 'Rues-Trace': 'true'}))] * me.scaled(100, least=10))


@attack('mempool-flood', asks=('preverify', 'event'))
def mempool_flood(me):
    """Valid transactions of one account, in the order of their nonces, as fast as they are taken; then the same once more."""
    own, turn = me.facts['unseen'], [-1]

    def make():
        turn[0] += 1
        return wire.post('/on/transactions/propagate', own[turn[0] % len(own)], wire.BINARY)
    me.run([posting(make)] * 32)


@attack('future-nonces', asks=('preverify', 'event'), attackers=2)
def future_nonces(me):
    """Valid transactions that wait for one with an earlier nonce, which never comes."""
    own, turn = me.facts['staged'], [me.number]

    def make():
        turn[0] += 1
        return wire.post('/on/transactions/propagate', own[turn[0] % len(own)], wire.BINARY)
    me.run([posting(make)] * me.scaled(100, least=10))


@attack('waiting-answers', asks=('preverify', 'info'))
def waiting_answers(me):
    """Two thousand connections wait for the end of a transaction that cannot be executed yet."""
    request = wire.post('/on/transactions/propagate', me.facts['staged'][-1], {**wire.BINARY, 'Rues-Wait': 'finalized', 'Rues-Wait-Seconds': '300'})

    def script(peer):
        yield from peer.send(request)
        peer.me.did['waits'] += 1
        yield from peer.answer()
        yield 0.2
    me.run([script] * me.scaled(2000))


@attack('contract-queries', asks=('call', 'info'), attackers=2)
def contract_queries(me):
    """A hundred connections query contracts with arguments that were not asked before."""
    def make():
        function, argument = me.random.choice((('contract_balance', f'"{me.random.getrandbits(256):064x}"'), ('num_notes', 'null'), ('root', 'null')))
        return wire.post(f'/on/contracts:{TRANSFER}/{function}', argument.encode(), wire.JSON)
    me.run([posting(make)] * me.scaled(50, least=10))


@attack('traced-queries', asks=('call', 'info'), attackers=2, whole_only=True)
def traced_queries(me):
    """A hundred connections query contracts and ask for the calls inside."""
    def make():
        return wire.post(f'/on/contracts:{TRANSFER}/contract_balance', f'"{me.random.getrandbits(256):064x}"'.encode(), {**wire.JSON, 'Rues-Trace': 'true'})
    me.run([posting(make)] * me.scaled(50, least=10))


@attack('feeders', asks=('call', 'info'), attackers=2)
def feeders(me):
    """A hundred connections ask for all notes as a stream, again and again."""
    me.run([posting(lambda: NOTES)] * me.scaled(50, least=10))


@attack('unread-feeders', asks=('call', 'info'))
def unread_feeders(me):
    """Connections ask for streams of a contract and read nothing of them; who is refused asks again."""
    def script(peer):
        yield from peer.send(NOTES)
        if (yield from peer.status_only()) == 200:
            yield from peer.hold()
        yield 0.02
    me.run([script] * me.scaled(200, least=40), receive=SMALL_BUFFER)


@attack('archive-scans', asks=('history', 'graphql'), attackers=2, whole_only=True)
def archive_scans(me):
    """A hundred connections page through the history of accounts and contracts."""
    def make():
        path = me.random.choice((f'/archive/accounts/{me.facts["accounts"][0]}', f'/archive/contracts/{TRANSFER}', f'/contracts/{TRANSFER}/calls'))
        return wire.get(f'{path}?limit={me.random.randrange(50, 100)}')
    me.run([posting(make)] * me.scaled(50, least=10))
