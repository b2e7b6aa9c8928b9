import assert from 'node:assert/strict';
import { test } from 'node:test';
import { placeOf } from '../../src/commands/model-name-of.js';

const places: Readonly<Record<string, string>> = {
  '/models/iris.onnx': 'iris 1',
  '/models/iris/model.onnx': 'iris 1',
  '/models/iris/2/model.onnx': 'iris 2',
  '/models/iris/2/net.onnx': 'net 2',
  '/models/iris/onnx/model.onnx': 'iris 1',
  '/models/iris/onnx/model_fp16.onnx': 'iris 1',
  '/models/iris/2/onnx/model.onnx': 'iris 2',
  '/models/iris/2/model.onnx/model.onnx': 'iris 2',
  '/models/iris/onnx/decoder.onnx': 'decoder 1',
  '/model.onnx': 'model 1',
};

for (const [path, place] of Object.entries(places)) {
  test(`${path} is ${place}`, () => {
    const { name, version } = placeOf(path);
    assert.equal(`${name} ${version}`, place);
  });
}
