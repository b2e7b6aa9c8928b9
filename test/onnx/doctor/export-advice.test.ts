import assert from 'node:assert/strict';
import { test } from 'node:test';
import { freeBatchAdvice } from '../../../src/onnx/doctor/export-advice.js';
import { type ModelFile, readModelFile } from '../../../src/onnx/model-file.js';
import { TensorProto_DataType as ElementType } from '../../../src/onnx/schema/onnx_pb.js';
import { testModel } from '../../support/model-paths.js';

const file = await readModelFile(testModel('fixed_batch'));

function adviceFor(producerName: string, author?: string) {
  const properties = new Map(author === undefined ? [] : [['author', author]]);
  const made: ModelFile = { ...file, outline: { ...file.outline, producerName, properties } };
  const tensor = { shape: [1, 3, 'h'], elementType: ElementType.FLOAT } as const;
  return freeBatchAdvice(made, [{ name: 'x', ...tensor }], [{ name: 'y', ...tensor }]);
}

const cases: readonly (readonly [producer: string, example: string])[] = [
  ['pytorch', 'torch.onnx.export(model, example, "model.onnx", input_names=["x"], dynamic_axes={"x": {0: "batch"}})'],
  ['tf2onnx', 'python -m tf2onnx.convert --saved-model DIR --inputs "x[-1,3,-1]" --output model.onnx'],
  ['keras2onnx', 'keras.Input(shape=[3, None])'],
  ['skl2onnx', 'convert_sklearn(model, initial_types=[("x", FloatTensorType([None, 3, None]))])'],
  [
    'PaddlePaddle',
    'paddle.onnx.export(model, "model", input_spec=[paddle.static.InputSpec([None, 3, None], "float32", "x")])',
  ],
  [
    'MATLAB Deep Learning Toolbox Converter for ONNX Model Format',
    'exportONNXNetwork(net, "model.onnx", BatchSize=[])',
  ],
];

for (const [producer, example] of cases) {
  test(`a file of ${producer} is told how ${producer} leaves an axis free`, () => {
    assert.deepEqual(adviceFor(producer), { remedy: 'export it with a free first axis:', example });
  });
}

test("Ultralytics' files call themselves PyTorch's, and are told of by their author", () => {
  assert.equal(adviceFor('pytorch', 'Ultralytics').example, 'model.export(format="onnx", dynamic=True)');
});

test('the axis of a file of unknown origin can be named in the file', () => {
  const { remedy, example } = adviceFor('somebody');
  assert.match(remedy ?? '', /name the axis in the file/);
  assert.match(example ?? '', /if value.name in \["x", "y"\]:\n.*dim_param = "batch"/);
});
