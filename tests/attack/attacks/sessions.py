"""Sessions: many of them, with many subscriptions, ended and resumed."""
import json

import wire
from attacker import attack

UNMATCHED = '/on/transactions:{:064x}/executed'


@attack('session-storm', asks=('subscribe', 'event'), attackers=2)
def session_storm(me):
    """Opens a session with a subscription and loses it without a word, so that the server keeps it; as often as it can."""
    def script(peer):
        yield from peer.session()
        yield from peer.send(wire.command(subscribe=['/on/blocks/accepted']))
        yield from peer.message()
        peer.me.did['sessions'] += 1
        peer.reset()
    me.run([script] * me.scaled(64, least=16), again=0.0)


@attack('held-sessions', asks=('subscribe', 'event', 'connect'), attackers=2)
def held_sessions(me):
    """Six thousand sessions of two addresses, each with a subscription to every block."""
    def script(peer):
        yield from peer.session()
        yield from peer.send(wire.command(subscribe=['/on/blocks/accepted']))
        peer.me.did['sessions'] += 1
        while True:
            yield from peer.message(wire.BINARY_FRAME)
            peer.me.did['events'] += 1
    me.run([script] * me.scaled(3000))


@attack('subscription-storm', asks=('subscribe', 'event'))
def subscription_storm(me):
    """Sessions take as many subscriptions as they may, each to a topic of its own with a name of 1,000 bytes, and go on with new sessions."""
    def script(peer):
        yield from peer.session()
        for turn in range(800):
            uris = [f'/on/contracts:{peer.number:08x}{turn:08x}{number:048x}/{"t" * 800}' for number in range(14)]
            yield from peer.send(wire.command(subscribe=uris))
            answer = json.loads((yield from peer.message()))
            peer.me.did['subscribed'] += len(answer['subscribed'])
            if answer['errors']:
                peer.me.did[f'errors {answer["errors"][0]["code"]}'] += len(answer['errors'])
                break
        yield from peer.hold()
    me.run([script] * me.scaled(100, least=20))


@attack('resume-storm', asks=('subscribe', 'event'), attackers=2)
def resume_storm(me):
    """Sessions with 240 subscriptions are resumed again and again by new connections."""
    uris = [UNMATCHED.format(me.number * 10_000 + number) for number in range(240)]

    ids = {}

    def first(peer):
        name = yield from peer.session()
        for at in range(0, len(uris), 60):
            yield from peer.send(wire.command(subscribe=uris[at:at + 60]))
            yield from peer.message()
        ids[peer.number] = name
        peer.reset()

    def script(peer):
        if peer.number not in ids:
            return (yield from first(peer))
        ids[peer.number] = yield from peer.session(f'/on?resume={ids[peer.number]}')
        text = json.loads((yield from peer.message()))
        peer.me.did['recovered' if text['recovered'] else 'not recovered'] += 1
        if not text['recovered']:
            del ids[peer.number]
        peer.reset()
    me.run([script] * me.scaled(32, least=16), again=0.0)


@attack('unknown-resumes', asks=('subscribe', 'event'), attackers=2, whole_only=True)
def unknown_resumes(me):
    """Asks to resume sessions that never were, with a new connection each time."""
    def script(peer):
        yield from peer.session(f'/on?resume={me.random.getrandbits(128):032x}&after={me.facts["epoch"]}-0')
        text = json.loads((yield from peer.message()))
        peer.me.did['recovered' if text['recovered'] else 'not recovered'] += 1
        peer.reset()
    me.run([script] * me.scaled(64, least=16), again=0.0)
