import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { cleanMessage, loadError, runError } from '../../src/engine/engine-message.js';

const files = { modelPath: '/srv/models/iris/1/model.onnx', externalDataDirectory: '/srv/weights' };

const cases: readonly (readonly [string, string])[] = [
  ['Load model from /srv/models/iris/1/model.onnx failed:Protobuf parsing failed.', 'Protobuf parsing failed.'],
  [
    'Load model from /srv/models/iris/1/model.onnx failed:/onnxruntime_src/onnxruntime/core/graph/model.cc:187 onnxruntime::Model::Model(onnx::ModelProto&&, const onnxruntime::PathString&, const onnxruntime::IOnnxRuntimeOpSchemaRegistryList*, const onnxruntime::logging::Logger&, const onnxruntime::ModelOptions&) ModelProto does not have a graph.\n',
    'ModelProto does not have a graph.',
  ],
  [
    "Non-zero status code returned while running Sub node. Name:'' Status Message: /onnxruntime_src/onnxruntime/core/providers/cpu/math/element_wise_ops.h:563 void onnxruntime::BroadcastIterator::Init(ptrdiff_t, ptrdiff_t) axis == 1 || axis == largest was false. Attempting to broadcast an axis by a dimension other than 1. 2 by 3\n\n",
    'Sub node: Attempting to broadcast an axis by a dimension other than 1. 2 by 3',
  ],
  [
    "Non-zero status code returned while running Sub node. Name:'scale' Status Message: /onnxruntime_src/include/onnxruntime/core/framework/op_kernel_context.h:42 const T* onnxruntime::OpKernelContext::Input(int) const [with T = onnxruntime::Tensor] Missing Input: b",
    'Sub node "scale": Missing Input: b',
  ],
  [
    "Non-zero status code returned while running Mod node. Name:'' Status Message: /onnxruntime_src/onnxruntime/core/providers/cpu/math/element_wise_ops.cc:2279 void onnxruntime::mod_internal::CallModImpl<T, typename std::enable_if<std::is_floating_point<_Tp>::value, void>::type>::operator()(bool, onnxruntime::OpKernelContext*) const [with T = double; typename std::enable_if<std::is_floating_point<_Tp>::value, void>::type = void] fmod was false. fmod attribute must be true for floating point types",
    'Mod node: fmod attribute must be true for floating point types',
  ],
  [
    'Exception during initialization: /onnxruntime_src/onnxruntime/core/providers/cpu/text/string_normalizer.cc:235 onnxruntime::StringNormalizer::Locale::Locale(const std::string&)::<lambda()> Failed to construct locale with name:en_US.UTF-8',
    'Failed to construct locale with name:en_US.UTF-8',
  ],
  [
    'Got invalid dimensions for input: x\n  index: 1 Got: 3 Expected: 4',
    'Got invalid dimensions for input: x index: 1 Got: 3 Expected: 4',
  ],
  ['File /srv/models/iris/1/weights.bin is missing', 'File weights.bin is missing'],
  ['File /srv/weights/w.bin is missing', 'File w.bin is missing'],
];

describe('the engine’s messages', () => {
  for (const [text, expected] of cases) {
    test(`lose what concerns nobody: ${expected}`, () => assert.equal(cleanMessage(text, files), expected));
  }

  test('are kept short', () => {
    assert.equal(cleanMessage('x'.repeat(10_000), files).length, 501);
  });

  test('become the caller’s error, or one of memory', () => {
    const plain = runError('Missing Input: b', files);
    assert.deepEqual(
      [plain.code, plain.message],
      ['INVALID_ARGUMENT', 'the model could not compute an answer for these inputs: Missing Input: b'],
    );
    assert.equal(runError('std::bad_alloc', files).code, 'RESOURCE_EXHAUSTED');
    assert.equal(
      loadError('Failed to allocate memory for requested buffer of size 1', files).code,
      'RESOURCE_EXHAUSTED',
    );
    assert.equal(loadError('Protobuf parsing failed.', files).code, 'INVALID_ARGUMENT');
  });
});
