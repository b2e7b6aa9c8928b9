import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rootsOf, withoutPaths } from '../../src/core/without-paths.js';

const texts: readonly (readonly [text: string, expected: string])[] = [
  [
    "ENOENT: no such file or directory, open '/srv/m/iris/1/model.onnx'",
    "ENOENT: no such file or directory, open 'model.onnx'",
  ],
  ["EACCES: permission denied, mkdir '/var/cache/my models/x'", "EACCES: permission denied, mkdir 'x'"],
  ['spawn /usr/local/bin/node ENOENT', 'spawn node ENOENT'],
  ['Load model from /tmp/slipway-Ab12/pinned/model-1/m.onnx failed: bad', 'Load model from m.onnx failed: bad'],
  ['file:///home/me/x', 'file:///home/me/x'],
  ['two: /tmp/a/b, "/root/c d/e": end', 'two: b, "e": end'],
  ['(/proc/17/root/models/x)', '(x)'],
  ['/bigdisk/models/iris/model.onnx is damaged', 'model.onnx is damaged'],
  ['MatMul node "/encoder/layer.0/MatMul": 2 by 3', 'MatMul node "/encoder/layer.0/MatMul": 2 by 3'],
  ['POST /v2/repository/models/iris/load loads it', 'POST /v2/repository/models/iris/load loads it'],
  ['see http://localhost:8080/tmp/x', 'see http://localhost:8080/tmp/x'],
  ['1/2 of a/b, 3 /tmp', '1/2 of a/b, 3 /tmp'],
];

for (const [text, expected] of texts) {
  test(`callers are told: ${expected}`, () => assert.equal(withoutPaths(text, rootsOf(['/bigdisk/models'])), expected));
}

test('a long text costs no more than its length', () => {
  const text = `'${'/tmp'.repeat(200_000)}`;
  const startedMs = performance.now();
  withoutPaths(text);
  assert.ok(performance.now() - startedMs < 5000);
});
