// The commands for contracts, stakes and the ledger against the real node, as a shell script uses them: what they print,
// their exit codes, and wrong input.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RuesNode, withFolder, within } from './node.mjs';
import { kExecutedWithError, kFailed, kTimedOut, kWrongUse, run, runBeside } from './program.mjs';
import { moduleWithInit, plainModule } from './recorded_modules.mjs';

const kStake = `02${'00'.repeat(31)}`;
const kNobody = `07${'00'.repeat(31)}`;
const kDusk = 1_000_000_000;
// docs/reference/ledger.md 14: profiles 0 and 1 of the test seed.
const kAccount0 = 'oCqYsUMRqpRn2kSabH52Gt6FQCwH5JXj5MtRdYVtjMSJ73AFvdbPf98p3gz98fQwNy9ZBiDem6m9BivzURKFSKLYWP3N9JahSPZs9PnZ996P18rTGAjQTNFsxtbrKx79yWu';
const kAccount1 = 'ocXXBAafr7xFqQTpC1vfdSYdHMXerbPCED2apyUVpLjkuycsizDxwA6b9D7UW91kG58PFKqm9U9NmY9VSwufUFL5rVRSnFSYxbiKK658TF6XjHsHGBzavFJcxAzjjBRM4eF';

const object = (...args) => JSON.parse(run(...args).stdout);
const refused = (args, code, text, options = {}) => assert.match(run(args, { code, ...options }).stderr, text, args.join(' '));

await withFolder(async (folder) => {
  const file = (name, content) => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };
  const plain = file('plain.wasm', plainModule);
  const withInit = file('init.wasm', moduleWithInit);

  // Wrong use is told without a node.
  const nowhere = ['--url', 'http://127.0.0.1:1'];
  for (const [name, content, text] of [
    ['empty.wasm', '', /is no WebAssembly module/],
    ['text.wasm', '(module)', /is no WebAssembly module/],
    ['elf.wasm', '\x7fELF', /is no WebAssembly module/],
    ['component.wasm', '\0asm\x0d\0\x01\0', /is no WebAssembly module/],
    ['large.wasm', Buffer.concat([plainModule, Buffer.alloc(1 << 20)]), /is too large: it has \d+ bytes, and a transaction has at most 1047713/],
  ]) refused(['deploy', file(name, content), ...nowhere], kWrongUse, text);
  refused(['deploy', join(folder, 'missing.wasm'), ...nowhere], kWrongUse, /missing.wasm cannot be read/);
  refused(['deploy', folder, ...nowhere], kWrongUse, /Is a directory/);
  for (const owner of ['nobody', '', '#', '#x', kAccount0.slice(1), '0x00', kStake])
    refused(['deploy', plain, `--owner=${owner}`, ...nowhere], kWrongUse, /--owner: .*neither an account in base58 nor #N|--owner: .*is not an account number/);
  for (const init of ['5', '{"a":1}', '0x0', '0xzz', '', '@/nowhere']) refused(['deploy', plain, `--init=${init}`, ...nowhere], kWrongUse, /--init: /);
  refused(['deploy'], kWrongUse, /FILE is required/);
  for (const id of ['', '12', 'Stake', `${kStake}00`, `0x0x${kStake}`, 'zz'.repeat(32)]) {
    for (const command of [['call'], ['query']]) refused(['contract', ...command, id, 'f', ...nowhere], kWrongUse, /is not a contract's id/);
    refused(['contract', 'driver', 'show', id, ...nowhere], kWrongUse, /is not a contract's id/);
    refused(['contract', 'driver', 'upload', id, plain, ...nowhere], kWrongUse, /is not a contract's id/);
  }
  for (const command of ['call', 'query']) refused(['contract', command, 'stake', '', ...nowhere], kWrongUse, /a function has a name/);
  refused(['contract', 'call', 'stake', 'f', '--deposit', '-1', ...nowhere], kWrongUse, /--deposit: expected DUSK/);
  refused(['stake', ...nowhere], kWrongUse, /--amount is required/);
  for (const amount of ['', '-1', '1e3', '0x1', '1.0000000001']) {
    for (const command of ['stake', 'unstake', 'withdraw']) refused([command, `--amount=${amount}`, ...nowhere], kWrongUse, /--amount: /);
  }
  for (const name of ['', '-1', '01', 'last', '1.5', 'ff', '18446744073709551616']) refused(['block', `--url=${nowhere[1]}`, '--', name], kWrongUse, /is not a height, a hash of 64 hex digits, or latest/);
  for (const id of ['', 'zz', 'ab'.repeat(31)]) refused(['tx', 'show', id, ...nowhere], kWrongUse, /is not the id of a transaction/);
  for (const tx of ['', 'zz', '0x', '00']) refused(['simulate', tx, ...nowhere], kWrongUse, /not hex digits|not a transaction|there is no transaction/);
  for (const command of ['account', 'balance', 'history']) refused([command, 'nobody', ...nowhere], kWrongUse, /neither an account in base58 nor #N/);
  refused(['history', '--limit', '0', ...nowhere], kWrongUse, /--limit: expected a number from 1 to 200/);

  // Nobody answers.
  for (const args of [
    ['deploy', plain], ['contract', 'call', 'stake', 'get_version'], ['contract', 'query', 'stake', 'get_version'], ['contract', 'driver', 'show', 'stake'],
    ['contract', 'driver', 'upload', kNobody, plain], ['stake', '--amount', '1000'], ['unstake'], ['withdraw'],
    ['account'], ['balance'], ['history'], ['block'], ['tx', 'show', kNobody],
  ]) {
    refused([...args, ...nowhere], kFailed, /^rues: .*refused/m);
    refused(args, kFailed, /^rues: .*refused/m, { env: { RUES_URL: nowhere[1] } }); // the variable names the node too
    refused(args, kWrongUse, /RUES_URL: `ftp:/, { env: { RUES_URL: 'ftp://x' } });
  }

  const node = await RuesNode.start(join(folder, 'node'), '--mining', 'instant');
  const url = `http://127.0.0.1:${node.port}`;
  process.env.RUES_URL = url; // from here on it names the node of every command

  // Reading a new chain.
  assert.equal(run(['balance']).stdout, '1001000 DUSK\n');
  assert.equal(run(['balance', '#1']).stdout, '80800 DUSK\n');
  assert.deepEqual(object(['balance', kAccount1, '--json']), { account: kAccount1, balance: 80_800 * kDusk });
  const account = object(['account', '--json']);
  assert.equal(account.account, kAccount0);
  assert.equal(account.nonce, 0);
  assert.equal(account.next_nonce, 1);
  assert.ok(account.stake.value >= 1_000 * kDusk, 'account 0 makes the blocks');
  assert.match(run(['account', '#1']).stdout, /^account +ocXX.*\nbalance +80800 DUSK\nnonce +0\nstake +none\n$/);
  assert.equal(object(['block', '--json']).header.height, 0);
  refused(['block', '7'], kFailed, /the chain has no block 7/);
  refused(['block', kNobody], kFailed, /the chain has no block/);
  refused(['tx', 'show', kNobody], kFailed, /no transaction with this id/);
  const history = run(['history']);
  assert.equal(history.stdout, '');
  assert.match(history.stderr, /^rues: no transactions$/m);

  // A deployment: the contract's id is known before, and is what the network gives.
  const signed = object(['deploy', plain, '--dry-run', '--json']);
  assert.deepEqual(Object.keys(signed), ['id', 'contract', 'transaction']);
  const dry = run(['deploy', plain, '--dry-run']).lines;
  assert.equal(dry.length, 1);
  const offline = { env: { RUES_URL: '' } };
  const decoded = JSON.parse(run(['tx', 'decode', '--json', '-'], { input: dry[0], ...offline }).stdout);
  assert.equal(decoded.kind, 'moonlight deploy');
  const limit = Number(decoded.transaction.fee.gas_limit);
  assert.ok(limit >= 5_000_000 + 1_800_000 && limit < 8_000_000, `${limit}: the charge, the spend, and room`);
  assert.equal(decoded.transaction.fee.gas_price, '2000');
  const simulated = JSON.parse(run(['simulate', '-', '--json'], { input: dry[0] }).stdout);
  assert.equal(simulated.error, null);
  assert.ok(simulated.gas_spent < limit);
  assert.equal(simulated.events.at(-1).topic, 'moonlight');
  assert.equal(simulated.events.at(-1).data.sender, kAccount0);

  const lines = run(['deploy', plain, '--wait']).lines;
  const contract = lines[0];
  assert.equal(contract, decoded.contract);
  assert.equal(contract, signed.contract);
  assert.match(lines[1], /^transaction [0-9a-f]{64}$/);
  assert.match(lines[2], /^executed in block 1, \d+ gas spent$/);
  const deployed = lines[1].slice('transaction '.length);
  const metadata = await node.json(`/on/contract:${contract}/metadata`);
  assert.equal(metadata.owner, kAccount0);
  const shown = object(['tx', 'show', deployed, '--json']);
  assert.equal(shown.contract, contract);
  assert.equal(shown.block_height, 1);
  assert.equal(shown.gas_spent, simulated.gas_spent);
  assert.deepEqual(shown.events, simulated.events);
  assert.match(run(['tx', 'show', `0x${deployed.toUpperCase()}`]).stdout, new RegExp(`kind +moonlight deploy\\n[^]*contract +${contract}\\n[^]*contracts/moonlight`));
  // The same code again is another contract, unless the number is the same.
  const second = object(['deploy', plain, '--owner', '#1', '--json', '--wait']);
  assert.deepEqual(Object.keys(second).sort(), ['block_height', 'contract', 'error', 'gas_spent', 'id', 'outcome']);
  assert.notEqual(second.contract, contract);
  assert.equal((await node.json(`/on/contract:${second.contract}/metadata`)).owner, kAccount1);
  refused(['deploy', plain, '--deploy-nonce', '1'], kFailed, /the simulation fails: .*already exists.*nothing was sent/);
  refused(['deploy', plain, '--gas-price', '1'], kFailed, /gas price/);
  refused(['deploy', plain, '--gas-limit', '4999999'], kFailed, /gas limit lower than minimum 5000000/);
  refused(['deploy', plain, '--gas-price', '1000000000000'], kFailed, /not enough funds: the account has .* and at most 5000000000 for gas/);
  refused(['deploy', plain, '--init', `0x${'00'.repeat(64_000)}`], kWrongUse, /the argument is too long/);
  const initialised = run(['deploy', '-', '--init', '0xc0ffee', '--wait'], { input: moduleWithInit });
  assert.match(initialised.lines[2], /^executed in block \d+, /); // empty blocks come in between

  // Calls.
  const call = (...args) => ['contract', 'call', ...args];
  const query = (...args) => ['contract', 'query', ...args];
  const before = run(query(contract, 'count')).stdout;
  assert.match(before, /^0x[0-9a-f]*\n$/);
  const counted = object(call(contract, 'count', '--json', '--wait'));
  assert.equal(counted.outcome, 'executed');
  assert.equal(counted.error, null);
  assert.notEqual(run(query(contract, 'count')).stdout, before);
  const id = run(call(`0x${contract}`, 'echo', '0x0102')).stdout.trim();
  assert.match(id, /^[0-9a-f]{64}$/);
  assert.equal(run(query(contract, 'echo', '0x0102')).stdout, '0x0102\n');
  assert.deepEqual(object(query(contract, 'echo', '0x0102', '--json')), { bytes: '0102' });
  assert.equal(run(query(contract, 'echo', `@${file('argument', '0x0304\n')}`)).stdout, '0x0304\n');
  assert.equal(run(query(contract, 'echo', '-'), { input: ' 0x05 ' }).stdout, '0x05\n');
  const emitted = object(call(contract, 'emit', '0x616263', '--json', '--wait'));
  const emission = object(['tx', 'show', emitted.id, '--json']);
  assert.equal(emission.call.contract, contract);
  assert.equal(emission.call.fn_name, 'emit');
  assert.equal(emission.call.bytes, '616263');
  assert.equal(emission.call.argument, null);
  assert.equal(emission.events[0].contract, contract);
  assert.equal(emission.events[0].data, null);

  // Calls that fail: a simulation tells it and nothing is sent, unless the user names a limit.
  const nonce = (await node.account(kAccount0)).nonce;
  refused(call(contract, 'boom', '0x6e6f'), kFailed, /the simulation fails: Panic\("no"\); nothing was sent/);
  refused(call(contract, 'trap'), kFailed, /the simulation fails: .*nothing was sent/);
  refused(call(contract, 'absent'), kFailed, /the contract has no function `absent`; nothing was sent/);
  refused(call(kNobody, 'f'), kFailed, /there is no contract 07000/);
  refused(query(contract, 'absent'), kFailed, /404 Not found: function absent/);
  refused(query(kNobody, 'f'), kFailed, /there is no contract 07000/);
  refused(query(contract, 'boom', '0x6e6f'), kFailed, /Panic: no/);
  for (const argument of ['5', '{"a":1}', 'null']) refused(call(contract, 'echo', argument), kWrongUse, /no data driver \(Driver not registered\)/);
  for (const argument of ['0x0', '0xzz', '0x 00']) refused(call(contract, 'echo', argument), kWrongUse, /after 0x come hex digits/);
  for (const argument of ['', ' ', 'oCqY', '{', '@/nowhere']) refused(call(contract, 'echo', argument), kWrongUse, /ARG|cannot be read/);
  refused(call(contract, 'echo', `0x${'00'.repeat(65_000)}`), kWrongUse, /the argument is too long/);
  refused(call(contract, 'ping', '--deposit', '9000000'), kFailed, /not enough funds: the account has .* DUSK, and 9000000 DUSK are needed/);
  refused(call(contract, 'ping', '--gas-limit', '100'), kFailed, /gas limit lower than minimum/);
  const warned = run(call(contract, 'boom', '0x6e6f', '--dry-run'));
  assert.match(warned.stderr, /warning: the simulation fails: Panic\("no"\); the gas limit is 3000000000/);
  assert.match(run(['simulate', '-'], { input: warned.stdout, code: kExecutedWithError }).stdout, /^gas spent +3000000000\nerror +Panic\("no"\)\n/);
  assert.equal((await node.account(kAccount0)).nonce, nonce, 'nothing was sent');
  const failed = run(call(contract, 'boom', '0x6e6f', '--gas-limit', '3000000', '--wait'), { code: kExecutedWithError });
  assert.match(failed.lines[1], /^executed with an error in block \d+, 3000000 gas spent: Panic: no$/);
  assert.match(run(['tx', 'show', failed.lines[0]]).stdout, /\nerror +Panic: no\n/);
  // The text of a contract cannot move the cursor of a terminal.
  const nasty = run(call(contract, 'boom', '0x1b5b324ac29b324a', '--gas-limit', '3000000', '--wait'), { code: kExecutedWithError });
  assert.match(nasty.lines[1], /gas spent: Panic: \\x1b\[2J\\x9b2J$/);
  assert.match(run(['tx', 'show', nasty.lines[0], '--json']).stdout, /"error":"Panic: \\u001b\[2J\\u009b2J"/);
  // The deposit is in the transaction, although this contract does not take it.
  const given = object(call(contract, 'ping', '--deposit', '2.5', '--json', '--wait'));
  assert.equal(object(['tx', 'show', given.id, '--json']).transaction.deposit, 2.5 * kDusk);

  // The genesis contracts have drivers: JSON goes in and comes out.
  assert.equal(run(query('transfer', 'chain_id')).stdout, '0\n');
  assert.deepEqual(object(query('transfer', 'account', JSON.stringify(kAccount1), '--json')), { value: { balance: String(80_800 * kDusk), nonce: '0' } });
  assert.equal(JSON.parse(run(query('transfer', 'contract_balance', `"${kStake}"`)).stdout) > 0, true);
  refused(query('transfer', 'account', '5'), kWrongUse, /^rues: ARG: /m);
  refused(query('transfer', 'account'), kWrongUse, /the function needs one/);
  refused(query('transfer', 'nothing', '5'), kWrongUse, /does not know the function `nothing`/);
  refused(query('transfer', 'nothing'), kFailed, /Not found: function nothing/);
  refused(query('stake', 'stakes'), kFailed, /try --feeder/);
  const stakes = JSON.parse(run(query('stake', 'stakes', '--feeder')).stdout);
  assert.ok(stakes.some(([keys, { amount }]) => keys.account === kAccount0 && Number(amount.value) >= 1_000 * kDusk));
  assert.match(run(query('transfer', 'sync_accounts', '0x00000000000000000000000000000000', '--feeder')).stdout, /^0x[0-9a-f]+\n$/);

  // Stakes.
  refused(['unstake', '--from', '1'], kFailed, /the account has no stake/);
  refused(['withdraw', '--from', '1'], kFailed, /the account has no reward/);
  refused(['stake', '--amount', '999', '--from', '1'], kFailed, /The staked value is lower than the minimum amount!.*nothing was sent/);
  refused(['stake', '--amount', '80800', '--from', '1'], kFailed, /not enough funds|doesn't have enough funds/);
  const staked = object(['stake', '--amount', '2000.5', '--from', '1', '--json', '--wait']);
  assert.equal(staked.error, null);
  assert.equal(object(['account', '#1', '--json']).stake.value, 2_000.5 * kDusk);
  const stakeShown = run(['tx', 'show', staked.id]).stdout;
  assert.match(stakeShown, new RegExp(`call +${kStake}/stake \\{.*"value":"2000500000000"`));
  assert.match(stakeShown, /contracts\/stake/);
  refused(['unstake', '--amount', '2001', '--from', '1'], kFailed, /the account's stake is 2000.5 DUSK, less than 2001/);
  refused(['unstake', '--amount', '1500', '--from', '1'], kFailed, /Stake left is lower than minimum stake/);
  assert.match(run(['unstake', '--amount', '1000.5', '--from', '1', '--wait']).lines[1], /^executed in block/);
  assert.equal(object(['account', '#1', '--json']).stake.value, 1_000 * kDusk);
  assert.match(run(['unstake', '--from', '1', '--wait']).lines[1], /^executed in block/);
  assert.match(run(['account', '#1']).stdout, /\nstake +none\n/);
  const reward = object(['account', '--json']).stake.reward;
  assert.ok(reward > 0);
  assert.match(run(['withdraw', '--amount', '1', '--wait']).lines[1], /^executed in block/);
  refused(['withdraw', '--amount', '17000000'], kFailed, /the account's reward is .* DUSK, less than 17000000/);
  run(['withdraw', '--wait']);

  // A signed call decodes without a node; the contract's owner alone uploads a driver.
  const hex = run(['stake', '--amount', '1000', '--from', '1', '--dry-run']).stdout;
  const offlineCall = run(['tx', 'decode', '-'], { input: hex, ...offline });
  assert.match(offlineCall.lines[3], new RegExp(`^call +${kStake}/stake \\{"chain_id":`));
  assert.match(run(['tx', 'decode', '-'], { input: run(call(contract, 'echo', '0x0102', '--dry-run')).stdout, ...offline }).lines[3], new RegExp(`^call +${contract}/echo 0x0102$`));
  const driver = (...args) => ['contract', 'driver', ...args];
  refused(driver('show', contract), kFailed, /the contract has no driver \(Driver not registered\)/);
  refused(driver('show', kNobody), kFailed, /there is no contract/);
  refused(driver('upload', kNobody, plain), kFailed, /there is no contract/);
  refused(driver('upload', contract, plain, '--from', '1'), kFailed, new RegExp(`account 1 does not own the contract; its owner is ${kAccount0}`));
  refused(driver('upload', contract, file('text', 'no module')), kWrongUse, /is no WebAssembly module/);
  refused(driver('upload', contract, file('large', Buffer.concat([plainModule, Buffer.alloc(2 << 20)]))), kWrongUse, /is too large: it has \d+ bytes, and a driver has at most 2097152/);
  const uploaded = object(driver('upload', contract, plain, '--json'));
  assert.equal(uploaded.size, plainModule.length);
  const now = await node.json(`/on/contract:${contract}/metadata`);
  assert.equal(now.driver_available, true);
  assert.equal(now.driver_signature, uploaded.signature);
  assert.match(run(driver('upload', second.contract, '-', '--from', '1'), { input: plainModule }).stdout, /^driver of [0-9a-f]{64} uploaded, \d+ bytes\n$/);
  run(driver('show', contract), { code: kFailed }); // the module is no driver
  assert.match(run(driver('show', 'stake')).stdout, /^contract +02[^]*version +0.1.0\n[^]*function +stake\(Stake\) -> /);
  const about = object(driver('show', 'transfer', '--json'));
  assert.equal(about.version, '0.1.0');
  assert.equal(about.schema.name, 'TransferContract');

  // Blocks, and the history of final ones, page by page.
  const tip = object(['block', 'latest', '--json']);
  const { height, hash } = tip.header;
  assert.deepEqual(object(['block', hash, '--json']), tip);
  assert.deepEqual(object(['block', String(height), '--json']), tip);
  assert.match(run(['block', '1']).stdout, new RegExp(`^height +1\\nhash +[0-9a-f]{64}\\ntime +20\\d\\d-[^]*transactions +1\\n +${deployed} +gas \\d+\\n$`));
  assert.match(run(['block', '0']).stdout, /status +final\n/);
  await node.mine(100); // everything so far becomes final
  const first = run(['history', '#1', '--limit', '2']);
  assert.equal(first.lines.length, 2);
  assert.match(first.lines[0], /^ +\d+ +[0-9a-f]{64} +\+1000 DUSK, withdraw, unstake, transfer$/);
  const next = /older ones: --before (\S+)/.exec(first.stderr)[1];
  const rest = run(['history', '#1', '--before', next]);
  assert.match(rest.lines[0], new RegExp(`${staked.id} +-2000.5 DUSK, deposit, stake, transfer$`));
  assert.equal(rest.stderr, '');
  assert.equal(object(['history', '#1', '--limit', '2', '--json']).next, next);
  refused(['history', '#1', '--before', 'yesterday'], kFailed, /before must be/);
  await node.stop();

  // A node that makes no block: the transaction waits in the mempool, the next one follows it.
  const manual = await RuesNode.start(join(folder, 'manual'), '--mining', 'manual');
  process.env.RUES_URL = `http://127.0.0.1:${manual.port}`;
  const late = run(['deploy', plain, '--json', '--wait', '--timeout', '100ms'], { code: kTimedOut });
  const pending = JSON.parse(late.stdout);
  assert.equal(pending.outcome, 'pending');
  assert.match(late.stderr, new RegExp(`${pending.id} has no outcome after 100ms`));
  assert.match(run(['tx', 'show', pending.id]).stdout, /block +none yet: it is in the mempool\n/);
  assert.match(run(['account']).stdout, /nonce +0; the next one is 2, with the mempool\n/);
  const third = object(['stake', '--amount', '1000', '--json']); // has nonce 2, and is simulated with nonce 1
  const both = object(['deploy', plain, '--json']);
  await manual.mine();
  assert.equal(object(['tx', 'show', third.id, '--json']).error, null);
  assert.equal((await manual.json(`/on/contract:${both.contract}/metadata`)).owner, kAccount0);

  // The history has the newest block at once. Each transaction is there once, also when its block becomes final.
  const sent = object(['transfer', '--to', '#1', '--amount', '2.5', '--json']);
  assert.doesNotMatch(run(['history']).stdout, new RegExp(sent.id), 'it waits in the mempool');
  await manual.mine();
  const recent = run(['history']);
  assert.match(recent.lines[0], new RegExp(`^ +2 +${sent.id} +-2.5 DUSK to ${kAccount1}, transfer, not final$`));
  const idsOf = ({ lines }) => lines.map((line) => line.trim().split(/ +/)[1]);
  assert.deepEqual(idsOf(recent).slice(0, 1), [sent.id]);
  assert.deepEqual(idsOf(recent).slice(1).sort(), [pending.id, third.id, both.id].sort());
  assert.match(run(['history', '#1']).stdout, new RegExp(`^ +2 +${sent.id} +\\+2.5 DUSK from ${kAccount0}, transfer, not final\n$`));
  const page = object(['history', '--limit', '1', '--json']);
  assert.deepEqual(page.not_final.map(({ origin, block_height: at }) => [origin, at])[0], [sent.id, 2]);
  assert.equal(page.not_final[0].events[0].data.value, String(2.5 * kDusk));
  await manual.mine(100);
  const settled = run(['history']);
  assert.deepEqual(idsOf(settled).sort(), idsOf(recent).sort());
  assert.doesNotMatch(settled.stdout, /not final/);
  assert.deepEqual(object(['history', '--json']).not_final, []);
  await manual.stop();
  delete process.env.RUES_URL;
});

/** A server that answers each path with what `answers` says: [status, body, headers]. Keeps the requests. */
async function withServer(answers, body) {
  const asked = [];
  const server = createServer((request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      asked.push({ path: request.url, body: Buffer.concat(chunks).toString('latin1'), headers: request.headers });
      const [status, text, headers = { 'Rusk-Version': '1.7.0' }] = answers(request.url, asked.at(-1));
      response.writeHead(status, headers);
      response.end(text);
    });
  });
  await within(new Promise((resolve) => server.listen(0, '127.0.0.1', resolve)), 'server');
  try {
    return await body(['--url', `http://127.0.0.1:${server.address().port}`], asked);
  } finally {
    server.close();
  }
}

// A server of another kind is named as such.
for (const answer of [[404, 'no such page', {}], [200, '<html>', { 'Content-Type': 'text/html' }], [200, '{}', {}]]) {
  await withServer(() => answer, async (url) => {
    for (const args of [['contract', 'call', 'stake', 'get_version'], ['stake', '--amount', '1000'], ['balance'], ['block'], ['contract', 'query', kNobody, 'f']]) {
      const { stderr } = await runBeside([...args, ...url], { code: kFailed });
      if (answer[1] !== '{}') assert.match(stderr, /this is not a RUES server/, args.join(' '));
    }
  });
}

// A contract with a driver on the node: the driver makes the argument and reads the result.
const driven = (path, { body }) => {
  if (path.endsWith('/metadata')) return [200, JSON.stringify({ driver_available: true, driver_signature: 'ab', owner: '2g' })];
  if (path.endsWith('/encode_input_fn:add')) return body === '{"by":5}' ? [200, '\x05\x00'] : [422, JSON.stringify({ error: 'Data driver error: Data-Driver Error: Serde("missing field")' })];
  // The forms of the drivers of Rusk's crates, and of dusk-forge (docs/reference/machine.md 4).
  if (path.endsWith('/encode_input_fn:busy')) return [503, JSON.stringify({ error: 'too busy' })];
  const unknown = { plain: 'fn_name plain', forged: 'encode_input: unknown fn forged' }[path.split('/encode_input_fn:')[1]];
  if (unknown) return [422, JSON.stringify({ error: `Data driver error: Data-Driver Error: FfiError("FFI returned 2: Unsupported(\\"${unknown}\\")")` })];
  if (path.includes('/contracts:') && path.endsWith('/add')) return [200, `${body}!`];
  if (path.includes('/contracts:')) return [200, 'raw'];
  if (path.endsWith('/decode_output_fn:add')) return [200, JSON.stringify({ got: body.length })];
  return [422, JSON.stringify({ error: 'Data driver error: Data-Driver Error: Unsupported("x")' })];
};
await withServer(driven, async (url, asked) => {
  const query = (...args) => ['contract', 'query', kNobody, ...args, ...url];
  assert.equal((await runBeside(query('add', '{"by":5}'))).stdout, '{"got":3}\n');
  assert.equal(asked.find(({ path }) => path.endsWith('/add')).body, '\x05\x00');
  assert.equal((await runBeside(query('add', '0x0102'))).stdout, '{"got":3}\n'); // bytes go as they are
  assert.match((await runBeside(query('add', '{"by":"x"}'), { code: kWrongUse })).stderr, /ARG: .*missing field/);
  assert.match((await runBeside(query('busy', '1'), { code: kFailed })).stderr, /503 too busy/); // not the user's fault
  for (const name of ['plain', 'forged']) {
    assert.equal((await runBeside(query(name))).stdout, '0x726177\n');
    assert.match((await runBeside(query(name, '1'), { code: kWrongUse })).stderr, new RegExp(`does not know the function \`${name}\``));
  }
});

// A node that says anything: a block of the far future, control characters. The command prints a line or fails; it never crashes.
const strange = {
  '/graphql': JSON.stringify({ data: { block: { header: { height: 1, hash: '\x1b[2J', timestamp: 2 ** 63 }, status: {}, transactions: [{ id: '\x1b[2J', err: '\x9b2J', gasSpent: 1e300 }, 1] } } }),
};
await withServer((path) => [200, strange[path] ?? '[1e400]'], async (url) => {
  const { stdout } = await runBeside(['block', ...url]);
  assert.match(stdout, /^time +9223372036854776000 s after 1970$/m);
  assert.doesNotMatch(stdout, /[\x1b\x7f-\x9f]/);
  assert.doesNotMatch((await runBeside(['block', '--json', ...url])).stdout, /[\x1b\x7f-\x9f]/);
  for (const args of [['balance'], ['account'], ['history'], ['stake', '--amount', '1000'], ['contract', 'query', kNobody, 'f'], ['contract', 'driver', 'show', kNobody]])
    assert.match((await runBeside([...args, ...url], { code: kFailed })).stderr, /^rues: .*(not JSON|not a JSON object|cannot be read|no owner|no chain id|not a page)/, args.join(' '));
});
await withServer(() => [500, 'x'.repeat(1 << 20)], async (url) => {
  const { stderr } = await runBeside(['balance', ...url], { code: kFailed });
  assert.ok(stderr.length < 5_000 && stderr.endsWith('...\n'), 'the text of an error has an end');
});
