"""GraphQL requests that are short to write and long to answer."""
import json

import wire
from attacker import attack
from attacks.http import SMALL_BUFFER


DOUBLINGS = 15  # 65,536 fields; the server takes 100,000
FIELDS = 4900  # of a document; the server takes 5,000


def asking(query):
    """A script that asks again and again; `query` makes a request that was not asked before from a number."""
    def script(peer):
        turn = peer.me.number * 1_000_000 + peer.number * 10_000
        while True:
            turn += 1
            status, _, body = yield from peer.ask(query(turn))
            if status == 200:
                answer = json.loads(body)
                answer = answer[0] if isinstance(answer, list) else answer
                peer.me.did['errors: ' + answer['errors'][0]['message'][:40] if 'errors' in answer else 'data'] += 1
    return script


@attack('graphql-aliases', asks=('graphql', 'info'))
def graphql_aliases(me):
    """Six connections ask for 500 aliases of the last blocks with all their transactions."""
    def query(turn):
        return wire.graphql('{' + ' '.join(f'a{turn}_{number}: blocks(last: {number % 50 + 1}) {{ header {{ hash height json }} transactions {{ raw }} }}'
                                           for number in range(500)) + '}')
    me.run([asking(query)] * 6)


@attack('graphql-histories', asks=('graphql', 'info'))
def graphql_histories(me):
    """Six connections ask for hundreds of histories of the busiest account, each from another block."""
    address, height = me.facts['accounts'][0], me.facts['height']

    def query(turn):
        return wire.graphql('{' + ' '.join(f'a{turn}_{number}: fullMoonlightHistory(address: "{address}", fromBlock: {number % 7}, '
                                           f'toBlock: {height - number % 11}) {{ json }}' for number in range(400)) + '}')
    me.run([asking(query)] * 6)


@attack('graphql-same-fields', asks=('graphql', 'info'), whole_only=True)
def graphql_same_fields(me):
    """Six connections ask for the same history under hundreds of names in one document."""
    address = me.facts['accounts'][0]

    def query(turn):
        return wire.graphql('{' + ' '.join(f'a{turn}_{number}: fullMoonlightHistory(address: "{address}") {{ json }}' for number in range(400)) + '}')
    me.run([asking(query)] * 6)


@attack('graphql-fragments', asks=('graphql', 'info'))
def graphql_fragments(me):
    """Six connections send fragments that use each other twice, so that each of them doubles the work of the next."""
    chain = ' '.join(f'fragment f{number} on Header {{ ...f{number + 1} ...f{number + 1} }}' for number in range(DOUBLINGS))

    def query(turn):
        return wire.graphql(f'query q{turn} {{ block(height: 1) {{ header {{ ...f0 }} }} }} {chain} fragment f{DOUBLINGS} on Header {{ hash height }}')
    me.run([asking(query)] * 6)


@attack('graphql-batches', asks=('graphql', 'info'), whole_only=True)
def graphql_batches(me):
    """Six connections send lists of 50 requests, each of which asks for the whole schema."""
    part = ('query q%d { __schema { types { name fields { name args { name type { name ofType { name } } } type { name ofType { name '
            'ofType { name } } } } } } }')

    def query(turn):
        return wire.post('/graphql', json.dumps([{'query': part % (turn * 100 + number)} for number in range(50)]).encode(), wire.JSON)
    me.run([asking(query)] * 6)


@attack('graphql-documents', asks=('graphql', 'info'))
def graphql_documents(me):
    """Six connections send documents of 160 KB with as many fields as the server checks, none of which there is."""
    def query(turn):
        return wire.graphql(f'query q{turn} {{' + ' '.join(f'a{number}: nothing(x: {{y: [{number}]}})' for number in range(FIELDS)) + '}')
    me.run([asking(query)] * 6)


def graphql_socket(peer):
    status, _, _ = yield from peer.ask(wire.upgrade('/graphql', {'Sec-WebSocket-Protocol': 'graphql-transport-ws'}))
    yield from peer.send(wire.frame(wire.TEXT, b'{"type":"connection_init"}'))
    yield from peer.message()
    return status


@attack('graphql-subscriptions', asks=('graphql', 'event'), attackers=2)
def graphql_subscriptions(me):
    """Sockets subscribe 64 times to all blocks from the oldest position, read some, and come again."""
    operations = b''.join(
        wire.frame(wire.TEXT, json.dumps({'id': str(number), 'type': 'subscribe', 'payload': {'query': 'subscription { blockAccepted(after: "%s-0") '
                   '{ position block { header { hash json } transactions { raw } } } }' % me.facts['epoch']}}).encode()) for number in range(64))

    def script(peer):
        yield from graphql_socket(peer)
        yield from peer.send(operations)
        for _ in range(256):
            text = json.loads((yield from peer.message()))
            peer.me.did[text['type']] += 1
        peer.reset()
    me.run([script] * me.scaled(30, least=10), again=0.0)


@attack('unread-subscriptions', asks=('graphql', 'event'))
def unread_subscriptions(me):
    """Two hundred sockets subscribe 60 times to all blocks from the oldest position and read nothing."""
    operations = b''.join(
        wire.frame(wire.TEXT, json.dumps({'id': str(number), 'type': 'subscribe', 'payload': {'query': 'subscription { blockAccepted(after: "%s-0") '
                   '{ position block { header { hash json } } } }' % me.facts['epoch']}}).encode()) for number in range(60))

    def script(peer):
        yield from graphql_socket(peer)
        yield from peer.send(operations)
        yield from peer.hold()
    me.run([script] * me.scaled(200, least=60), receive=SMALL_BUFFER)
