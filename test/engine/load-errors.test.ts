import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { loadError } from '../../src/engine/engine-message.js';

const copy = `/tmp/slipway-x/${'0123456789abcdef'.repeat(4)}.onnx`;
const from = (modelPath: string) => `Load model from ${modelPath} failed:`;

/** What onnxruntime 1.30 says, and what becomes of it. */
const rejections: readonly (readonly [string, string])[] = [
  [
    "Could not find an implementation for Max(13) node with name 'largest'",
    'the engine has no implementation of operator Max (operator set 13) for the element types it gets in node "largest"; export the model for an older operator set or with other types',
  ],
  [
    "Failed to find kernel for Swish(24) (node:'' ep:'CPUExecutionProvider'). Kernel not found",
    'the engine has no implementation of operator Swish (operator set 24) for the element types it gets; export the model for an older operator set or with other types',
  ],
  [
    'This is an invalid model. In Node, ("add", Add, "", -1) : ("A": tensor(float),"B": tensor(float),) -> ("C": tensor(float),) , Error No Op registered for Add with domain_version of 314159',
    'the engine does not know operator Add of operator set 314159 in node "add"; export the model for an older operator set or without it',
  ],
  [
    'Fatal error: ai.onnx.preview.training:Adam(-1) is not a registered function/op',
    'the engine does not have operator Adam of domain "ai.onnx.preview.training"; export the model without it',
  ],
  [
    "This is an invalid model. Type Error: Type 'tensor(int8)' of input parameter (x) of operator (BitShift) in node () is invalid.",
    'the engine\'s operator BitShift does not take int8, as it gets in "x"; export the model with another type there',
  ],
  [
    'This is an invalid model. In Node, ("", SpaceToDepth, "", -1) : ("x": tensor(float),) -> ("y": tensor(float),) , Error Unrecognized attribute: mode for operator SpaceToDepth',
    'the engine does not know attribute "mode" of operator SpaceToDepth; export the model for an older operator set',
  ],
  [
    '/onnxruntime_src/onnxruntime/core/graph/model.cc:202 onnxruntime::Model::Model(onnx::ModelProto&&, const onnxruntime::PathString&) Unsupported model IR version: 14, max supported IR version: 13\n',
    'the file is of IR version 14, and the engine reads up to 13; save it again with model.ir_version = 13',
  ],
];

describe('a rejection to load', () => {
  for (const [text, expected] of rejections) {
    test(`is told in words: ${expected}`, () => {
      const modelPath = '/srv/models/m/1/model.onnx';
      assert.equal(loadError(from(modelPath) + text, { modelPath }).message, expected);
    });
  }

  test('names the file that the operator knows', () => {
    const modelPath = '/srv/models/m/1/model.onnx';
    const { message } = loadError(`${from(modelPath)}Protobuf parsing failed.`, { modelPath });
    assert.equal(message, 'the engine cannot load model.onnx: Protobuf parsing failed.');
  });

  test('does not name a rewritten copy, which the operator has never seen', () => {
    const { message } = loadError(`${from(copy)}Protobuf parsing failed.`, { modelPath: copy });
    assert.equal(message, 'the engine cannot load the rewritten model: Protobuf parsing failed.');
  });
});
