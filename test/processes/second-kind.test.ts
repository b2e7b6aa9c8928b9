import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { commandLine } from '../support/process-state.js';
import { Shouters, shoutingFleet } from './shouting-kind.js';

const onLinux = { skip: process.platform === 'linux' ? false : 'reads /proc' };

function folder(context: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'slipway-processes-test-'));
  context.after(() => rmSync(path, { recursive: true }));
  return path;
}

/** The process that begins to work on `until PATH`. */
async function begun(path: string): Promise<number> {
  while (!existsSync(`${path}.begun`) || readFileSync(`${path}.begun`, 'utf8') === '') await turn();
  return Number(readFileSync(`${path}.begun`, 'utf8'));
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const parentOf = (pid: number): string =>
  /^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] as string;

test('another kind of process names its program, its environment and what it is asked', async (context) => {
  const shouters = await Shouters.start(context, shoutingFleet(context), { instances: 2, prefix: '> ' });
  assert.deepEqual(await Promise.all(['a', 'b', 'c'].map((text) => shouters.ask(text))), ['> A', '> B', '> C']);
  assert.equal(await shouters.ask('environment GIVEN'), 'this');
  assert.equal(await shouters.ask('environment HOME'), '');
});

test('it is started by the fork server once that is asked for', onLinux, async (context) => {
  const fleet = shoutingFleet(context);
  const early = await Shouters.start(context, fleet);
  fleet.useForkServer();
  const late = await Shouters.start(context, fleet);
  const parents = [early, late].map(({ pool }) => parentOf(pool.pids[0] as number));
  assert.equal(parents[0], String(process.pid));
  assert.match(commandLine(Number(parents[1])).join(' '), /fork-server-main/);
  assert.equal(await late.ask('still here'), 'STILL HERE');
});

test('a request whose process is killed is answered by another', async (context) => {
  const shouters = await Shouters.start(context, shoutingFleet(context));
  const path = join(folder(context), 'go-on');
  const answer = shouters.ask(`until ${path}`);
  const killed = await begun(path);
  process.kill(killed, 'SIGKILL');
  writeFileSync(path, '');
  assert.notEqual(Number(await answer), killed);
  assert.deepEqual(shouters.ends, ['SIGKILL']);
});

test('a request that ends its process twice is poison: it alone fails, and nobody beside it', async (context) => {
  const shouters = await Shouters.start(context, shoutingFleet(context));
  const poison = shouters.ask('crash');
  const others = ['a', 'b', 'c'].map((text) => shouters.ask(text));
  await assert.rejects(poison, {
    code: 'INTERNAL',
    message: 'this request ended its process each time (SIGSEGV); it is not tried again',
  });
  assert.deepEqual(await Promise.all(others), ['A', 'B', 'C']);
  assert.deepEqual(shouters.ends, ['SIGSEGV', 'SIGSEGV']);
  assert.equal(await shouters.ask('well'), 'WELL');
});

test('a request that does not end is ended with its process, more than once, and then fails', async (context) => {
  const shouters = await Shouters.start(context, shoutingFleet(context), { instances: 2, timeoutMs: 300 });
  const [hung, other] = [shouters.ask('hang'), shouters.ask('other')];
  await assert.rejects(hung, {
    code: 'INTERNAL',
    message: 'this request was not answered within its time limit, more than once; it is not tried again',
  });
  assert.equal(await other, 'OTHER');
  assert.ok(shouters.ends.length >= 2 && shouters.ends.every((cause) => cause === 'SIGKILL'));
  assert.equal(await shouters.ask('well'), 'WELL');
});

test('memory is limited for each process, and a rejection is an answer', onLinux, async (context) => {
  const shouters = await Shouters.start(context, shoutingFleet(context), { memoryLimitBytes: 2 ** 29 });
  const { pids } = shouters.pool;
  await assert.rejects(shouters.ask('eat'), { code: 'INVALID_ARGUMENT', message: /allocation failed/i });
  assert.equal(await shouters.ask('well'), 'WELL');
  assert.deepEqual(shouters.pool.pids, pids);
});

test('what cannot be started again is given up after so many failures in a row, and says so', async (context) => {
  const brokenBy = join(folder(context), 'broken');
  const fleet = shoutingFleet(context);
  const shouters = await Shouters.start(context, fleet, { brokenBy });
  const healthy = await Shouters.start(context, fleet);
  writeFileSync(brokenBy, '');
  process.kill(shouters.pool.pids[0] as number, 'SIGKILL');
  while (shouters.pool.pids.length > 0) await turn();
  const reason = { code: 'UNAVAILABLE', message: 'shouters: failed 3 times in a row (last: not loaded: exit code 3)' };
  await assert.rejects(shouters.ask('waits'), reason);
  await assert.rejects(shouters.ask('comes later'), reason);
  assert.equal(await healthy.ask('well'), 'WELL');
});

test('what no other process can mend is given up at once', async (context) => {
  const shouters = await Shouters.start(context, shoutingFleet(context), { instances: 2 });
  const reason = { code: 'UNAVAILABLE', message: 'shouters: it has expired', retryAfterSeconds: 7 };
  await assert.rejects(shouters.ask('expire'), reason);
  await assert.rejects(shouters.ask('anything'), reason);
  assert.deepEqual(shouters.ends, []);
});

test('tenants of one process survive it; the one that ended it is isolated', async (context) => {
  const fleet = shoutingFleet(context, 0);
  const tame = await Shouters.start(context, fleet, { mayShare: true });
  const wild = await Shouters.start(context, fleet, { mayShare: true });
  assert.deepEqual(tame.pool.pids, wild.pool.pids);
  await assert.rejects(wild.ask('crash'), { code: 'INTERNAL' });
  assert.equal(await tame.ask('well'), 'WELL');
  assert.equal(await wild.ask('well'), 'WELL');
  assert.notDeepEqual(tame.pool.pids, wild.pool.pids);
  assert.deepEqual(tame.ends, ['SIGSEGV'], 'the second crash harmed nobody');
});

test('a queue that is full rejects at once, and whoever has gone is not served', async (context) => {
  const shouters = await Shouters.start(context, shoutingFleet(context), { maxWaiting: 1 });
  const path = join(folder(context), 'go-on');
  const long = shouters.ask(`until ${path}`);
  await begun(path);
  const leaver = new AbortController();
  const left = assert.rejects(shouters.ask('crash', leaver.signal), { code: 'CANCELED' });
  await assert.rejects(shouters.ask('one too many'), { code: 'UNAVAILABLE', retryAfterSeconds: 1 });
  leaver.abort();
  await left;
  writeFileSync(path, '');
  await long;
  assert.equal(await shouters.ask('next'), 'NEXT');
  assert.deepEqual(shouters.ends, []);
});

test('closing fails what is in flight and leaves no process', async (context) => {
  const shouters = await Shouters.start(context, shoutingFleet(context));
  const path = join(folder(context), 'never');
  const answer = assert.rejects(shouters.ask(`until ${path}`), { code: 'UNAVAILABLE' });
  const pid = await begun(path);
  await shouters.pool.close();
  await answer;
  assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
});
