"""A client of the legacy event system, written from docs/legacy.md alone, with nothing but Python's own library.

Arguments: port of a node, a signed transfer in hex, its id. Prints `ok` when everything came as the page says."""
import base64, json, os, socket, struct, sys

CONTRACT, HOST = 1, 2


def sized(text):
    return struct.pack('<I', len(text.encode())) + text.encode()


class Legacy:
    def __init__(self, port, path='/legacy'):
        self.socket = socket.create_connection(('127.0.0.1', port), timeout=60)
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall((f'GET {path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n'
                             f'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n').encode())
        self.stream = self.socket.makefile('rb')
        assert b' 101 ' in self.stream.readline()
        while self.stream.readline() != b'\r\n':
            pass
        self.events = []

    def frame(self, opcode, payload):
        mask, size = os.urandom(4), len(payload)
        length = bytes([0x80 | size]) if size < 126 else struct.pack('>BH', 0xfe, size) if size < 65536 else struct.pack('>BQ', 0xff, size)
        self.socket.sendall(bytes([0x80 | opcode]) + length + mask + bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload)))

    def message(self):
        """The next Message: headers, type and name of the target, topic, data."""
        while True:
            opcode, size = self.stream.read(2)
            if size > 125:
                size = struct.unpack('>H', self.stream.read(2))[0] if size == 126 else struct.unpack('>Q', self.stream.read(8))[0]
            payload = self.stream.read(size)
            if opcode == 0x89:  # a ping
                self.frame(10, payload)
                continue
            assert opcode == 0x82, f'no whole binary message: {opcode:x} {payload!r}'
            at = 4 + struct.unpack_from('<I', payload)[0]
            headers, kind, texts = json.loads(payload[4:at]), payload[at], []
            at += 1
            for _ in range(2):
                length = struct.unpack_from('<I', payload, at)[0]
                texts.append(payload[at + 4:at + 4 + length].decode())
                at += 4 + length
            assert int(headers['Content-Length']) == len(payload) - at
            return headers, kind, *texts, payload[at:]

    def ask(self, target, topic, data=b'', **headers):
        headers = {'X-Request-Id': os.urandom(4).hex(), **{name.replace('_', '-'): value for name, value in headers.items()}}
        given = json.dumps(headers)
        self.frame(2, sized(given) + bytes([HOST]) + sized(target) + sized(topic) + data)
        while True:
            answer = self.message()
            if answer[0].get('X-Request-Id') == headers['X-Request-Id']:
                assert answer[1:4] == (HOST, target, topic)
                assert all(answer[0][name] == value for name, value in headers.items() if name.lower().startswith('x-'))
                return answer[0], answer[4]
            self.events.append(answer)


port, transfer, identity = int(sys.argv[1]), bytes.fromhex(sys.argv[2]), sys.argv[3]
legacy = Legacy(port, '/legacy?on=/on/blocks/accepted')
for uri in (f'/on/transactions:{identity}/included', f'/on/transactions:{identity}/executed', '/on/contracts/moonlight'):
    assert legacy.ask('rues', 'subscribe', uri.encode())[0]['Status'] == '200; OK'
headers, data = legacy.ask('Chain', 'gql', b'query { block(height: 0) { header { height } } }', X_Anything='As it is', x_lower='kept')
assert headers['Status'] == '200; OK' and json.loads(data)['block']['header']['height'] == 0
assert legacy.ask('node', 'info', rusk_version='9.9.9')[0]['Status'].startswith('400; Version error: Mismatched rusk version')
assert legacy.ask('nobody', 'info')[0]['Status'] == '404; Path not found'
headers, data = legacy.ask('Chain', 'propagate_tx', transfer, Content_Type='application/octet-stream')
assert headers['Status'] == '202; Accepted'
wanted = {('transactions', 'included'), ('transactions', 'executed'), ('01' + 62 * '0', 'moonlight'), ('blocks', 'accepted')}
last = 0
while wanted:
    headers, kind, name, topic, data = legacy.events.pop(0) if legacy.events else legacy.message()
    assert 'Status' not in headers and kind == (CONTRACT if topic == 'moonlight' else HOST)
    number = int(headers['Rues-Position'].split('-')[1])
    assert number > last and int(headers['Rues-Height']) >= 0
    last = number
    if topic == 'executed':
        assert headers['Rues-Entity'] == identity and json.loads(data)['err'] is None
    if topic == 'accepted' and identity not in json.loads(data)['transactions']:
        continue
    wanted.discard((name, topic))
print('ok')
