"""Readers of the event log: streams, pages, and sessions that begin at old positions."""
import json

import wire
from attacker import attack
from attacks.http import SMALL_BUFFER

ACCEPTED = '/on/blocks/accepted'
TRANSFERS = f'/on/contracts:01{"0" * 62}/moonlight'  # events that the node can decode


def unmatched(number):
    return f'/on/contracts:{number:064x}/nothing'


@attack('sse-storm', asks=('info', 'event'), attackers=2)
def sse_storm(me):
    """Streams of Server-Sent Events from the oldest event are opened, read for a moment and left, as often as it can."""
    request = wire.get(f'/events?on={ACCEPTED}&after={me.facts["epoch"]}-0')

    def script(peer):
        yield from peer.send(request)
        yield from peer.status_only()
        while len(peer.got) < 65_536:
            yield from peer.read()
        peer.me.did['KiB read'] += len(peer.got) / 1024
        peer.reset()
    me.run([script] * me.scaled(64, least=16), again=0.0)


@attack('unread-sse', asks=('info', 'event'))
def unread_sse(me):
    """A thousand streams of Server-Sent Events from the oldest event, of which nobody reads anything."""
    request = wire.get(f'/events?on={ACCEPTED}&after={me.facts["epoch"]}-0')

    def script(peer):
        yield from peer.send(request)
        yield from peer.status_only()
        yield from peer.hold()
    me.run([script] * me.scaled(1000, least=200), receive=SMALL_BUFFER)


@attack('log-scans', asks=('info', 'event'))
def log_scans(me):
    """Sessions subscribe from the oldest position to topics that match nothing: for each the whole log is read."""
    after = f'{me.facts["epoch"]}-0'

    def script(peer):
        yield from peer.session()
        turn = 0
        while True:
            uris = [unmatched(peer.number * 1_000_000 + turn * 4 + number) for number in range(4)]
            turn += 1
            yield from peer.send(wire.command(subscribe=uris, after=after))
            answer = json.loads((yield from peer.message()))
            peer.me.did['scans'] += len(answer['subscribed'])
            if answer['errors']:  # the scans before have not ended, or the session has as many subscriptions as it may
                code = answer['errors'][0]['code']
                peer.me.did[f'errors {code}'] += len(answer['errors'])
                if code == 'too_many':
                    return peer.reset()
                yield 0.002
    me.run([script] * me.scaled(60, least=20))


@attack('resumed-scans', asks=('info', 'event'), attackers=2, whole_only=True)
def resumed_scans(me):
    """New sessions begin at the oldest position, read everything that the log has about blocks, and come again."""
    def script(peer):
        yield from peer.session(f'/on?after={me.facts["epoch"]}-0')
        yield from peer.send(wire.command(subscribe=[ACCEPTED]))
        seen = 0
        while seen < me.facts['height']:
            yield from peer.message(wire.BINARY_FRAME)
            seen += 1
        peer.me.did['events'] += seen
        peer.reset()
    me.run([script] * me.scaled(60, least=20), again=0.0)


@attack('history-scans', asks=('history', 'info'))
def history_scans(me):
    """Asks for pages of history that match nothing, so that each looks at the whole log."""
    def script(peer):
        turn = 0
        while True:
            turn += 1
            yield from peer.ask(wire.get(f'/events/history?on={unmatched(peer.number * 100_000 + turn)}&limit=10000'))
    me.run([script] * me.scaled(64, least=16))


@attack('decoded-subscriptions', asks=('event', 'subscribe'), attackers=2, whole_only=True)
def decoded_subscriptions(me):
    """Sessions subscribe to decoded events of transfers from the oldest position, read them, and begin again."""
    after = f'{me.facts["epoch"]}-0'

    def script(peer):
        yield from peer.session()
        yield from peer.send(wire.command(subscribe=[TRANSFERS], after=after, decode='json'))
        answer = json.loads((yield from peer.message()))
        if answer['errors']:
            peer.me.did[f'errors {answer["errors"][0]["code"]}'] += 1
        for _ in range(8):
            payload = yield from peer.message(wire.BINARY_FRAME)
            headers = json.loads(payload[4:4 + int.from_bytes(payload[:4], 'little')])
            peer.me.did[f'decoded: {headers.get("Rues-Decoded", "not asked")}'] += 1
        peer.reset()
    me.run([script] * me.scaled(60, least=20), again=0.0)


@attack('decoded-history', asks=('history', 'call'))
def decoded_history(me):
    """Asks for pages of decoded history, which run a data driver for each event."""
    def script(peer):
        while True:
            yield from peer.ask(wire.get(f'/events/history?on={TRANSFERS}&limit=10000&decode=json'))
    me.run([script] * me.scaled(64, least=16))
