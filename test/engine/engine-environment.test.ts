import assert from 'node:assert/strict';
import { test } from 'node:test';
import { engineEnvironment } from '../../src/engine/engine-environment.js';

const env = { HOME: '/home/somebody', API_TOKEN: 'secret', TZ: 'UTC', NODE_OPTIONS: '--inspect', TMPDIR: undefined };

test('nothing of the worker’s environment is passed on but what the engine needs', () => {
  assert.deepEqual(engineEnvironment({ env, telemetry: false }), {
    TZ: 'UTC',
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    MALLOC_TRIM_THRESHOLD_: '131072',
    MALLOC_MMAP_THRESHOLD_: '2097152',
    GLIBC_TUNABLES: 'glibc.malloc.hugetlb=1',
    UV_THREADPOOL_SIZE: '1',
    ALLOW_RELEASED_ONNX_OPSET_ONLY: '0',
    ORT_DISABLE_TELEMETRY: '1',
  });
});

test('telemetry is on only for who asks for it', () => {
  const given = engineEnvironment({ env, telemetry: true, localePath: '/tmp/locales' });
  assert.equal(given.ORT_DISABLE_TELEMETRY, undefined);
  assert.deepEqual([given.HOME, given.LOCPATH], ['/home/somebody', '/tmp/locales']);
});
