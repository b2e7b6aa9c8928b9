import assert from 'node:assert/strict';
import { mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { Identity } from '../../src/access/api-keys.js';
import { type ConfiguredAccess, configuredAccess } from '../../src/access/configured-access.js';
import { parseKeysFile } from '../../src/config/keys-file.js';
import type { AccessKey } from '../../src/core/access.js';
import { ServingError } from '../../src/core/serving-error.js';
import { accessKey, secretOf } from '../support/access-keys.js';

interface World {
  readonly path: string;
  readonly log: string[];
  readonly configured: ConfiguredAccess;
  /** What a call to infer with the key of this id gets. */
  readonly infer: (id: string) => string;
}

const text = (...keys: readonly AccessKey[]): string => JSON.stringify({ keys });

async function aWorld(after: (close: () => void) => void, content: string, share = 1): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'keys-'));
  const path = join(folder, 'keys.json');
  writeFileSync(path, content);
  const log: string[] = [];
  const tell = (details: object, message: string) => void log.push(`${message} ${JSON.stringify(details)}`);
  after(() => rmSync(folder, { recursive: true }));
  const configured = await configuredAccess({
    config: { modelControl: 'loopback', metricsAccess: 'loopback', jwtScopeClaim: 'scope', keys: path },
    parseKeys: parseKeysFile,
    share,
    logger: { info: tell, error: tell },
    observer: {},
  });
  after(() => configured.stop());
  const infer = (id: string): string => {
    const call = {
      scope: 'infer',
      action: 'infer',
      model: 'iris',
      peerAddress: undefined,
      httpVersion: '1.1',
    } as const;
    const verdict = configured.access.admit({ ...call, requestId: '1', headers: { 'x-api-key': secretOf(id) } });
    return verdict instanceof ServingError ? verdict.code : ((verdict as Identity).id ?? '');
  };
  return { path, log, configured, infer };
}

async function until(condition: () => boolean): Promise<void> {
  for (const end = Date.now() + 30_000; !condition(); await delay(20)) assert.ok(Date.now() < end);
}

test('a file that cannot be used ends the start and says why', async (context) => {
  const wrong = text({ ...accessKey('a', ['infer']), sha256: 'short' });
  await assert.rejects(
    aWorld((close) => context.after(close), wrong),
    /^Error: keys: .*keys\.json: .*keys\[0\]\.sha256/s,
  );
});

test('keys come and go while the server runs; a file with errors leaves those before it in force', async (context) => {
  const first = text(accessKey('a', ['infer'], { requestsPerSecond: 0.001 }), accessKey('b', ['infer']));
  const { path, log, infer } = await aWorld((close) => context.after(close), first);
  assert.deepEqual([infer('a'), infer('b'), infer('c')], ['a', 'b', 'UNAUTHENTICATED']);
  // As Kubernetes does it: a link to elsewhere takes the place of the file.
  writeFileSync(`${path}.2`, text(accessKey('a', ['infer'], { requestsPerSecond: 0.001 }), accessKey('c', ['infer'])));
  symlinkSync(`${path}.2`, `${path}.link`);
  renameSync(`${path}.link`, path);
  await until(() => log.length === 1);
  assert.match(log[0] ?? '', /read again \{"keys":2\}/);
  assert.deepEqual([infer('b'), infer('c')], ['UNAUTHENTICATED', 'c']);
  assert.equal(infer('a'), 'RESOURCE_EXHAUSTED', 'the rate goes on where it was');
  writeFileSync(path, '{"keys": [{"id": "a"}]}');
  await until(() => log.length === 2);
  assert.match(log[1] ?? '', /stay in force .*keys\[0\]\.sha256: expected/);
  assert.deepEqual([infer('b'), infer('c')], ['UNAUTHENTICATED', 'c']);
  rmSync(path);
  await until(() => log.length === 3);
  assert.match(log[2] ?? '', /stay in force .*ENOENT/);
  assert.equal(infer('c'), 'c');
});

test('one of several servers lets in its share', async (context) => {
  const { infer } = await aWorld(
    (close) => context.after(close),
    text(accessKey('a', ['infer'], { requestsPerSecond: 8 })),
    1 / 4,
  );
  assert.deepEqual([infer('a'), infer('a'), infer('a')], ['a', 'a', 'RESOURCE_EXHAUSTED']);
});
