import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseTritonConfig } from '../../src/config/triton-model-config.js';

test('reads what a repository of Triton says of an image model', () => {
  const { config, labelFiles, notes } = parseTritonConfig(
    `
    name: "densenet"
    platform: "onnxruntime_onnx"
    max_batch_size : 8
    input [
      { name: "data_0" data_type: TYPE_FP32 format: FORMAT_NCHW dims: [ 3, 224, 224 ] reshape { shape: [ 1, 3, 224, 224 ] } }
    ]
    output [
      { name: "fc6_1" data_type: TYPE_FP32 dims: [ -1 ] label_filename: "labels.txt" },
      { name: "names" data_type: TYPE_STRING dims: 1 }
    ]
    version_policy: { specific { versions: [3, 1] } }
    default_model_filename: "net.onnx"
    instance_group [ { count: 2 kind: KIND_CPU }, { name: "more" } ]
    dynamic_batching {
      preferred_batch_size: [ 8, 4 ]
      max_queue_delay_microseconds: 500
      priority_levels: 2
      default_queue_policy { max_queue_size: 100 }
    }
    parameters { key: "intra_op_thread_count" value: { string_value: "3" } }`,
    'densenet',
  );
  assert.deepEqual(config, {
    maxBatchSize: 8,
    versionPolicy: { kind: 'specific', versions: [1, 3] },
    file: 'net.onnx',
    instances: 3,
    threads: 3,
    parameters: { intra_op_thread_count: '3' },
    preferredBatchSizes: [4, 8],
    maxQueueDelayMs: 0.5,
    maxQueueRows: 100,
    tensors: {
      batchAxis: 'implied',
      inputs: [
        { name: 'data_0', dataType: 'FP32', dims: [3, 224, 224], reshape: [1, 3, 224, 224], format: 'FORMAT_NCHW' },
      ],
      outputs: [
        { name: 'fc6_1', dataType: 'FP32', dims: [null] },
        { name: 'names', dataType: 'BYTES', dims: [1] },
      ],
    },
  });
  assert.deepEqual([...labelFiles], [['fc6_1', 'labels.txt']]);
  assert.deepEqual(notes, []);
});

test('an empty file says nothing, and a batch size of 0 turns batching off', () => {
  assert.deepEqual(parseTritonConfig('', 'm').config, {});
  assert.deepEqual(parseTritonConfig('max_batch_size: 0', 'm').config, { batching: 'off' });
});

test('version policies', () => {
  const policy = (text: string) => parseTritonConfig(`version_policy: ${text}`, 'm').config.versionPolicy;
  assert.deepEqual(policy('{ latest { num_versions: 2 } }'), { kind: 'latest', count: 2 });
  assert.deepEqual(policy('{ latest: {} }'), { kind: 'latest', count: 1 });
  assert.deepEqual(policy('{ all {} }'), { kind: 'all' });
  assert.equal(policy('{}'), undefined);
});

test('what is not honoured is named', () => {
  const { notes } = parseTritonConfig(
    `name: "other" backend: "tensorrt" max_batchsize: 8
    sequence_batching { max_sequence_idle_microseconds: 5 }
    optimization { graph { level: 1 } }
    instance_group { kind: KIND_GPU gpus: [0] }
    input { name: "x" allow_ragged_batch: true }
    dynamic_batching { default_queue_policy { timeout_action: DELAY default_timeout_microseconds: 5 } }
    parameters { key: "enable_mem_arena" value { string_value: "1" } }`,
    'm',
  );
  assert.deepEqual(notes, [
    'its name, "other", is not honoured: the model goes by that of its folder',
    'its backend, "tensorrt", is not honoured: only ONNX files are served',
    'sequence_batching is not honoured: every request stands for itself',
    'not honoured: allow_ragged_batch of "x", instance_group.kind KIND_GPU (they compute on the processor), dynamic_batching.default_queue_policy.default_timeout_microseconds (requests bring their own timeout), dynamic_batching.default_queue_policy.timeout_action (what is late is rejected), parameters["enable_mem_arena"], max_batchsize (did you mean max_batch_size?), optimization, instance_group.gpus',
  ]);
});

const faults: readonly (readonly [text: string, message: string])[] = [
  ['max_batch_size: "8"', 'max_batch_size: expected an integer of at least 0, got "8" at line 1, column 1'],
  ['max_batch_size: -1', 'max_batch_size: expected an integer of at least 0, got -1 at line 1, column 1'],
  ['\n  input { name: x }', 'name: expected a text in quotes of up to 1024 characters, got x at line 2, column 11'],
  ['input: 3', 'input: expected a message in braces, got 3 at line 1, column 1'],
  ['input { dims: [ 3, 1.5 ] }', 'dims: expected an integer of at least -1, got 1.5 at line 1, column 9'],
  ['input { name: "x" data_type: FP32 }', 'data_type of "x": expected a type such as TYPE_FP32, got FP32'],
  ['input { name: "x" data_type: TYPE_FP33 }', 'data_type of "x": expected a type such as TYPE_FP32, got TYPE_FP33'],
  [
    'max_batch_size: 4 dynamic_batching { preferred_batch_size: 8 }',
    'preferred_batch_size: expected sizes up to max_batch_size, 4, got 8',
  ],
  ['max_batch_size: 1000000000000', 'maxBatchSize: expected an integer from 1 to 1000000, got 1000000000000'],
  ['instance_group { count: 2000 }', 'instances: expected an integer from 1 to 1024, got 2000'],
  ['platform: "ensemble"', 'an ensemble of models is not served; its models can be called one after another'],
];

for (const [text, message] of faults) {
  test(`rejected: ${text}`, () => assert.throws(() => parseTritonConfig(text, 'm'), { message }));
}

test('what is told of a file is short, however long the file', () => {
  const long = 'x'.repeat(100_000);
  const { notes } = parseTritonConfig(
    `name: "${long.slice(0, 1024)}" ${long}: 1 input { name: "${long.slice(0, 1024)}" optional: true }
    ${Array.from({ length: 500 }, (_, index) => `parameters { key: "k${index}" value { string_value: "1" } }`).join(' ')}`,
    'm',
  );
  assert.ok(
    notes.every((note) => note.length < 3000),
    String(notes.map(({ length }) => length)),
  );
  for (const text of [
    `input { data_type: ${long} }`,
    `max_batch_size: ${long}`,
    `max_batch_size: "${long}"`,
    `name: "${long}"`,
    `${long} ${long}`,
  ]) {
    assert.throws(
      () => parseTritonConfig(text, 'm'),
      ({ message }: Error) => message.length < 300,
    );
  }
});
