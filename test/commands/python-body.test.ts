import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pythonBody } from '../../src/commands/python-body.js';

test('one input of many rows is an expression of its shape', () => {
  const image = { name: 'image', dataType: 'FP32', shape: [1, 3, 1, 224], data: new Float32Array(672) } as const;
  const sample = [image];
  assert.equal(
    pythonBody({ batching: { kind: 'dynamic', maxBatchSize: 4 }, sample }),
    '{"instances": [[[[0.5] * 224]] * 3]}',
  );
  assert.equal(pythonBody({ batching: { kind: 'none', reason: '' }, sample }), '{"inputs": [[[[0.5] * 224]] * 3]}');
});

test('several inputs go by name, each with a value of its type', () => {
  const sample = [
    { name: 'ids', dataType: 'INT64', shape: [1, 2], data: new BigInt64Array([7n, 8n]) },
    { name: 'mask', dataType: 'BOOL', shape: [1], data: new Uint8Array([1]) },
    { name: 'text', dataType: 'BYTES', shape: [1], data: ['it\'s "so"'] },
  ] as const;
  assert.equal(
    pythonBody({ batching: { kind: 'dynamic', maxBatchSize: 4 }, sample }),
    '{"instances": [{"ids": [7] * 2, "mask": True, "text": "it\'s \\"so\\""}]}',
  );
});
