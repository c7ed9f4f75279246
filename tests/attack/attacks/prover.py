"""Proofs of Phoenix transactions: the dearest thing that a client can ask for."""
import wire
from attacker import attack


@attack('proofs', asks=('info', 'preverify'), node='prover', attackers=5, whole_only=True)
def proofs(me):
    """Ten connections of five clients ask for proofs again and again, of transactions with one input and with four."""
    request = wire.post('/on/prover/prove', me.facts['circuits'][me.number % 2], wire.BINARY)

    def script(peer):
        while True:
            status, _, body = yield from peer.ask(request)
            me.did['proofs'] += status == 200 and len(body) == 1008
    me.run([script] * 2)
