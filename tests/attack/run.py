#!/usr/bin/env python3
"""Attacks a node on this machine and measures what a well-behaved client and the memory pay for it: run.py [--json|--page] [--list] [NAME...]

RUES_PROGRAM names the program. RUES_LOAD_SHARE=10 attacks with a tenth of the load, in a tenth of the time. docs/attacks.md explains the table.
Exit code: 0; 1 when a bound of memory is broken, the program ended, or the good client got a wrong answer; 2 for wrong use; 3 when an attack could
not be made.
"""
import argparse
import json
import math
import os
import resource
import select
import shutil
import signal
import sys
import tempfile
import time

sys.dont_write_bytecode = True

import attacks  # noqa: F401  registers them
import attacker
import bounds
import good
import target
from processes import Broken

QUIET, ATTACKED, SETTLING = 3.0, 5.0, 1.0  # seconds of a whole load
BEGINS = 20  # seconds that attackers may need to begin, and that a question of the good client may take
GOAL = 5  # times its quiet p99 that an attack may cost the good client
KEPT, SLOW = 32, 1000  # MiB that a node keeps and ms that it still works after an attack; with more it is replaced
FLOOR = 1.0  # ms; a quiet p99 below it counts as this, because the system's scheduler takes as much


def cores():
    """The core of the good client and that of the attackers; the node may use both."""
    all_of_them = sorted(os.sched_getaffinity(0))
    return all_of_them[0], all_of_them[-1]


class Attackers:
    def __init__(self, attack, port, share, facts, core):
        self.running = [attacker.start(attack, number, port, share, facts, core) for number in range(attack.attackers)]
        self.said = {pipe: b'' for _, pipe in self.running}

    def read(self, pipe):
        part = os.read(pipe, 1 << 16)
        self.said[pipe] += part
        return part

    def wait(self):
        """Waits until each attacker has opened its connections once."""
        last = time.monotonic() + BEGINS
        while waiting := [pipe for pipe, text in self.said.items() if b'begun\n' not in text]:
            ready = select.select(waiting, [], [], max(0, last - time.monotonic()))[0]
            if not ready or not all(self.read(pipe) for pipe in ready):
                raise Broken('an attacker did not begin')

    def end(self):
        """What they did, all together."""
        for pid, _ in self.running:
            os.kill(pid, signal.SIGTERM)
        last, did = time.monotonic() + BEGINS, {}
        for pid, pipe in self.running:
            while select.select([pipe], [], [], max(0, last - time.monotonic()))[0] and self.read(pipe):
                pass
            text = self.said[pipe].replace(b'begun\n', b'')
            if not text.endswith(b'\n'):
                raise Broken('an attacker failed')
            for what, count in json.loads(text).items():
                did[what] = did.get(what, 0) + count
        self.kill()
        return dict(sorted(did.items(), key=lambda item: -item[1]))

    def kill(self):
        for pid, pipe in self.running:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            os.close(pipe)
        self.running = []


def within(samples, begin, end):
    """Samples of questions asked in the time."""
    return [each for each in samples if begin <= each[0] < end]


def measure(attack, node, facts, share, known_quiet):
    """One attack, as a row of the table. `known_quiet`: p99 of questions that this node was asked before in quiet; without it they are measured."""
    good_core, attacking_core = cores()
    begun, rest = time.monotonic(), node.resident()
    client = good.Good(attack.asks, node.port, (BEGINS, BEGINS / share), facts, good_core)
    hostile = None
    try:
        if not client.ready(BEGINS):
            raise Broken(f'{attack.name}: the good client was not served before the attack')
        quiet = time.monotonic()
        if not all(name in known_quiet for name in attack.asks):
            time.sleep(QUIET / share)
        node.forget_peak()
        hostile = Attackers(attack, node.port, share, facts, attacking_core)
        quiet_end = time.monotonic()
        hostile.wait()
        attacked = time.monotonic()
        time.sleep(ATTACKED / share)
        attacked_end = time.monotonic()
        did = hostile.end()
        client, ended = None, client
        found = ended.end()
    finally:
        if hostile:
            hostile.kill()
        if client:
            client.kill()
    peak = node.peak()
    time.sleep(SETTLING / share)
    rows = {}
    for name, samples in found['samples'].items():
        before = within(samples, quiet, quiet_end)
        # Attackers that take long to begin attack while they begin.
        during = within(samples, min(attacked, quiet_end + ATTACKED / share), attacked_end)
        refused = [refusal for _, _, refusal in during if refusal]
        quiet_p99 = known_quiet.setdefault(name, good.percentile(before, 0.99))
        attacked_p99 = good.percentile(during, 0.99)
        rows[name] = {'quiet': quiet_p99, 'attacked': attacked_p99, 'ratio': attacked_p99 / max(quiet_p99, FLOOR) if quiet_p99 < math.inf else math.inf,
                      'asked': len(during), 'refused': len(refused), 'why': sorted(set(refused))[:3]}
    return {'attack': attack.name, 'asks': rows, 'rest': rest, 'peak': peak, 'after': node.resident(), 'did': did, 'wrong': found['wrong'][:3],
            'ended': not node.runs(), 'seconds': time.monotonic() - begun}


def verdicts(row, checks_memory):
    """What makes the run fail."""
    out = []
    most, reason = bounds.BOUNDS[row['attack']]
    grown = row['peak'] - row['rest']
    if row['ended']:
        out.append('the program ended')
    elif checks_memory and grown > most:
        out.append(f'memory grew by {grown:.0f} MiB, at most {most} are allowed ({reason})')
    return out + [f'wrong answer: {text}' for text in row['wrong']]


def number(value, digits=1):
    return 'refused' if value == math.inf else f'{value:.{digits}f}'


def worst_of(row):
    """The question that suffered most, and its figures."""
    return max(row['asks'].items(), key=lambda item: item[1]['ratio'])


def line(row):
    name, worst = worst_of(row)
    mark = '*' if worst['ratio'] > GOAL else ' '
    return (f'{row["attack"]:24} {name:11} {number(worst["quiet"]):>8} {number(worst["attacked"]):>9} {number(worst["ratio"]):>8}{mark} '
            f'{row["rest"]:6.0f} {row["peak"]:6.0f} {row["after"]:6.0f}  ' + ', '.join(f'{what} {count}' for what, count in list(row['did'].items())[:4]))


PAGE_HEADER = """| attack | asked | quiet | attacked | ratio | rest | peak | after |
|---|---|---|---|---|---|---|---|"""


def page_line(row):
    """The row as docs/attacks.md has it."""
    name, worst = worst_of(row)
    mark = ' (*)' if worst['ratio'] > GOAL else ''
    return (f'| `{row["attack"]}` | {name} | {number(worst["quiet"])} | {number(worst["attacked"])} | {number(worst["ratio"])}{mark} '
            f'| {row["rest"]:.0f} | {row["peak"]:.0f} | {row["after"]:.0f} |')


HEADER = f'{"attack":24} {"asked":11} {"quiet":>8} {"attacked":>9} {"ratio":>8}  {"rest":>6} {"peak":>6} {"after":>6}  what attackers count'


def finite(value):
    """JSON has no infinity: null stands for "refused"."""
    if isinstance(value, dict):
        return {key: finite(each) for key, each in value.items()}
    return None if value == math.inf else round(value, 3) if isinstance(value, float) else value


def is_worn(node, rows):
    """True when the last attack left something behind that would change the figures of the next one. Only attacks with a part of the load share
    nodes."""
    last = rows[-1]
    return not node.runs() or last['after'] > last['rest'] + KEPT or any(each['attacked'] > SLOW for each in last['asks'].values())


def run(chosen, program, share, form):
    """`form`: `json`, `page` or None, how the figures are printed at the end."""
    checks_memory = not os.environ.get('RUES_SANITIZE')
    failures, rows, node, known_quiet, complete = [], [], None, {}, True
    progress = sys.stderr if form else sys.stdout
    folder, begun = tempfile.mkdtemp(prefix='rues-attack-'), time.monotonic()
    # Each connection is an open file. The node inherits the limit.
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    try:
        try:
            chain = target.Chain(program, folder, share)
        except Broken as error:
            print(f'no chain to attack: {error}', file=sys.stderr)
            return 3
        print(HEADER, file=progress, flush=True)
        for attack in chosen:
            if node and (share == 1 or node.kind != attack.node or is_worn(node, rows)):
                node.stop()
                chain.drop()
                node = None
            if not node:
                node, known_quiet = chain.start(attack.node), {}
            try:
                row = measure(attack, node, chain.facts, share, known_quiet)
            except Broken as error:
                complete = False
                print(f'{attack.name}: {error}\n{node.said()}', file=sys.stderr)
                node.stop()
                chain.drop()
                node = None
                continue
            rows.append(row)
            print(line(row), file=progress, flush=True)
            failures += [f'{attack.name}: {text}' for text in verdicts(row, checks_memory)]
            if row['ended']:
                print(node.said(), file=sys.stderr)
    finally:
        if node:
            node.stop()
        shutil.rmtree(folder, ignore_errors=True)
    if form == 'json':
        print(json.dumps({'rows': [finite(row) for row in rows], 'failures': failures}, indent=1))
    elif form == 'page':
        print('\n'.join([PAGE_HEADER, *map(page_line, rows)]))
    print(f'{len(rows)} attacks in {time.monotonic() - begun:.0f} s', file=progress)
    for text in failures:
        print(text, file=sys.stderr)
    return 1 if failures else 0 if complete else 3


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('names', nargs='*', metavar='NAME', help='attacks; all without one')
    forms = parser.add_mutually_exclusive_group()
    forms.add_argument('--json', action='store_const', dest='form', const='json', help='print all figures as JSON')
    forms.add_argument('--page', action='store_const', dest='form', const='page', help='print the table of docs/attacks.md')
    parser.add_argument('--share', type=int, default=1, metavar='N', help='attack with an N-th of the load, unless RUES_LOAD_SHARE says another')
    parser.add_argument('--list', action='store_true', help='print what each attack tries')
    options = parser.parse_args()
    known = attacker.registry
    if unknown := [name for name in options.names if name not in known]:
        parser.error(f'no attack {" ".join(unknown)}; --list shows all')
    if odd := set(known) ^ set(bounds.BOUNDS):
        parser.error(f'an attack without a bound, or a bound without an attack: {", ".join(sorted(odd))}')
    if options.list:
        for each in known.values():
            print(f'{each.name:24} {each.says}')
        return 0
    program = os.environ.get('RUES_PROGRAM')
    if not program or not os.access(program, os.X_OK):
        parser.error('RUES_PROGRAM names no program')
    try:
        share = int(os.environ.get('RUES_LOAD_SHARE') or options.share)
    except ValueError:
        share = 0
    if share < 1:
        parser.error('a share of the load is a number from 1')
    chosen = [known[name] for name in options.names] or [each for each in known.values() if share == 1 or not each.whole_only]
    if not shutil.which('openssl'):
        for each in chosen:
            if each.node in target.TLS:
                print(f'SKIPPED: {each.name}, because there is no openssl to make a certificate', file=sys.stderr)
        chosen = [each for each in chosen if each.node not in target.TLS]
    if share > 1:  # nodes are shared by attacks that follow each other
        chosen.sort(key=lambda each: list(target.NODES).index(each.node))
    return run(chosen, program, share, options.form)


if __name__ == '__main__':
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sys.exit(main())
