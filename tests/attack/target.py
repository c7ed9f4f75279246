"""The node that is attacked: a chain that is made once, and servers that start on copies of it."""
import concurrent.futures
import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import threading
import time

import processes

PATIENCE = 60  # seconds until the suite gives up on the node
MIB = 1 << 20
STOPS = 20  # seconds that a node may take to end
# Recorded requests for proofs, of one input and of four.
CIRCUITS = [os.path.join(os.path.dirname(__file__), f'../data/prover/tx_circuit_{name}.hex') for name in ('one_input', 'four_inputs')]

# Settings of the nodes that are attacked, beside --mining manual. Each begins with a copy of the same chain.
NODES = {
    'plain': (),
    'few': ('--max-connections', '400'),
    'rsa-2048': ('rsa', '2048'),
    'rsa-4096': ('rsa', '4096'),
    'p-256': ('ec', 'P-256'),
    'prover': ('--prover', 'on'),
}
TLS = {'rsa-2048', 'rsa-4096', 'p-256'}


def certificate(folder, kind):
    """Flags that name a new self-signed certificate."""
    key, cert = f'{folder}/{kind}.key', f'{folder}/{kind}.pem'
    algorithm, size = NODES[kind]
    how = ['-newkey', f'rsa:{size}'] if algorithm == 'rsa' else ['-newkey', 'ec', '-pkeyopt', f'ec_paramgen_curve:{size}']
    subprocess.run(['openssl', 'req', '-x509', *how, '-nodes', '-days', '2', '-subj', '/CN=localhost', '-keyout', key, '-out', cert],
                   check=True, capture_output=True)
    return ('--tls-cert', cert, '--tls-key', key)


def circuits():
    out = []
    for name in CIRCUITS:
        with open(name, encoding='ascii') as file:
            out.append(bytes.fromhex(file.read()))
    return out


class Node:
    def __init__(self, program, data, kind, folder):
        self.kind, self.tls = kind, kind in TLS
        flags = certificate(folder, kind) if self.tls else NODES[kind]
        self.log = open(f'{folder}/node.log', 'w+', encoding='utf-8', errors='replace')
        self.process = subprocess.Popen([program, 'node', '--listen', '127.0.0.1:0', '--data', data, '--mining', 'manual', '--quiet', *flags],
                                        stdout=subprocess.PIPE, stderr=self.log, text=True, preexec_fn=processes.end_with_parent)
        watch = threading.Timer(PATIENCE, self.process.kill)
        watch.start()
        for line in self.process.stdout:
            if found := re.match(r'^\s*url\s+https?://127\.0\.0\.1:(\d+)$', line):
                self.port = int(found[1])
                break
        else:
            raise processes.Broken(f'the node ended without an address:\n{self.said()}')
        watch.cancel()
        threading.Thread(target=self.process.stdout.read, daemon=True).start()

    def said(self, most=4000):
        self.log.flush()
        self.log.seek(0)
        return self.log.read()[-most:]

    def runs(self):
        return self.process.poll() is None

    def _status(self, name):
        with open(f'/proc/{self.process.pid}/status', encoding='ascii') as file:
            return int(re.search(rf'^{name}:\s+(\d+) kB$', file.read(), re.M)[1]) / 1024

    def resident(self):
        """MiB of memory that the process has."""
        return self._status('VmRSS') if self.runs() else 0.0

    def peak(self):
        """Most MiB since `forget_peak`."""
        return self._status('VmHWM') if self.runs() else 0.0

    def forget_peak(self):
        with open(f'/proc/{self.process.pid}/clear_refs', 'w', encoding='ascii') as file:
            file.write('5')

    def ask(self, method, path, body=None, headers=None, patience=PATIENCE):
        """Status and body; plain HTTP only."""
        connection = http.client.HTTPConnection('127.0.0.1', self.port, timeout=patience)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def make_keys(self, circuits):
        """Asks for proofs until the prover has made its keys."""
        last = time.monotonic() + PATIENCE
        for circuit in circuits:
            while (status := self.ask('POST', '/on/prover/prove', circuit, {'Content-Type': 'application/octet-stream'})[0]) != 200:
                if status != 503 or time.monotonic() > last:
                    raise processes.Broken(f'prover/prove: {status}')
                time.sleep(0.5)

    def stop(self):
        """Ends the node. Nobody waits for what it still does: how a node stops is checked elsewhere."""
        if self.runs():
            self.process.send_signal(signal.SIGKILL)
        self.process.wait(STOPS)
        self.log.close()


class Chain:
    """Blocks with transfers in them, and signed transfers that the chain has not seen. `facts`: what attackers know of it."""

    def __init__(self, program, folder, share):
        self.program, self.folder, self.data, self.copies = program, folder, f'{folder}/chain', 0
        executed, blocks, unseen, staged = max(16, 160 // share), max(120, 1500 // share), max(24, 300 // share), max(16, 64 // share)
        log_folder = f'{folder}/first'
        os.mkdir(log_folder)
        node = Node(program, self.data, 'plain', log_folder)
        try:
            url = f'http://127.0.0.1:{node.port}'

            def rues(*arguments):
                done = subprocess.run([program, *arguments, '--url', url, '--json'], capture_output=True, text=True, timeout=PATIENCE, check=False)
                if done.returncode:
                    raise processes.Broken(f'rues {" ".join(arguments)}: {done.stderr}')
                return json.loads(done.stdout)

            def transfer(sender, nonce, lux=1):
                out = rues('transfer', '--from', str(sender), '--to', f'#{(sender + 1) % 3}', '--amount', f'{lux}lux', '--gas-limit', '2000000',
                           '--nonce', str(nonce), '--dry-run')
                return bytes.fromhex(out['transaction'].removeprefix('0x'))

            def mine(count):
                status, body = node.ask('POST', '/dev/mine', str(count))
                if status != 200:
                    raise processes.Broken(f'/dev/mine: {status} {body}')

            with concurrent.futures.ThreadPoolExecutor(2) as pool:
                sent = list(pool.map(lambda nonce: transfer(0, nonce), range(1, executed + 1)))
                self.unseen = list(pool.map(lambda nonce: transfer(0, nonce), range(executed + 1, executed + 1 + unseen)))
                # Account 1 sends nonce 1 last: until then the others wait for it.
                self.staged = list(pool.map(lambda nonce: transfer(1, nonce), range(2, 2 + staged)))
            honest, dearer = transfer(2, 1), transfer(2, 1, lux=2)
            for each in sent:
                status, body = node.ask('POST', '/on/transactions/propagate', each, {'Content-Type': 'application/octet-stream'})
                if status != 202:
                    raise processes.Broken(f'propagate: {status} {body}')
                mine(1)
            for begun in range(executed, blocks, 100):
                mine(min(100, blocks - begun))
            status = json.loads(node.ask('GET', '/status')[1])
            text, log = node.ask('POST', '/on/node/info')[1], status['position']
            block = json.loads(node.ask('POST', '/graphql', json.dumps({'query': '{ block(height: 1) { header { hash } } }'}),
                                        {'Content-Type': 'application/json'})[1])
            self.facts = {
                'height': status['tip']['height'],
                'epoch': log.split('-')[0],
                'events': int(log.split('-')[1]),
                'block 1': block['data']['block']['header']['hash'],
                'node info': text,
                'accounts': [rues('account', f'#{number}')['account'] for number in range(3)],
                'honest': honest,
                # The lowest byte of the amount: with another one the transaction is well formed, and its signature is not its own.
                'amount at': next(at for at, (one, two) in enumerate(zip(honest, dearer)) if one != two),
                'unseen': self.unseen,
                'staged': self.staged,
                'circuits': circuits(),
            }
            node.process.send_signal(signal.SIGTERM)
            node.process.wait(PATIENCE)
        finally:
            node.stop()

    def start(self, kind):
        self.copies += 1
        folder = f'{self.folder}/{self.copies}'
        shutil.copytree(self.data, f'{folder}/data')
        node = Node(self.program, f'{folder}/data', kind, folder)
        if kind == 'prover':
            try:
                node.make_keys(self.facts['circuits'])
            except BaseException:
                node.stop()
                raise
        return node

    def drop(self):
        """Removes the folder of the node that was started last."""
        shutil.rmtree(f'{self.folder}/{self.copies}', ignore_errors=True)
