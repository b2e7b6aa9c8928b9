import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseModelFile, type ModelFileWish } from '../../../src/sources/folder/model-file-choice.js';

const exported = [
  ...['onnx/model.onnx', 'onnx/model_fp16.onnx', 'onnx/model_quantized.onnx', 'onnx/model_q4f16.onnx'],
  'onnx/model_qint8_avx512_vnni.onnx',
];

const choices: readonly (readonly [wish: ModelFileWish, names: readonly string[], choice: string])[] = [
  [{ file: 'onnx/model_fp16.onnx' }, exported, 'onnx/model_fp16.onnx'],
  [{ file: 'deep/er/net.onnx' }, ['model.onnx', 'deep/er/net.onnx'], 'deep/er/net.onnx'],
  [{ file: 'net.onnx' }, ['net.onnx/model.onnx', 'net.onnx/weights.bin'], 'net.onnx/model.onnx'],
  [
    { file: 'onnx/model_fp61.onnx' },
    exported,
    '[holds no onnx/model_fp61.onnx, which its settings ask for; did you mean onnx/model_fp16.onnx?]',
  ],
  [
    { file: 'other.onnx' },
    ['model.onnx'],
    '[holds no other.onnx, which its settings ask for; its model files: model.onnx]',
  ],
  [{ variant: 'fp16' }, exported, 'onnx/model_fp16.onnx'],
  [{ variant: 'q8' }, exported, 'onnx/model_quantized.onnx'],
  [{ variant: 'fp32' }, exported, 'onnx/model.onnx'],
  [{ variant: 'qint8_avx512_vnni' }, exported, 'onnx/model_qint8_avx512_vnni.onnx'],
  [{ variant: 'int8' }, ['resnet50-int8.onnx', 'resnet50.onnx'], 'resnet50-int8.onnx'],
  [
    { variant: 'int8' },
    ['a_int8.onnx', 'b_int8.onnx'],
    '[holds several files of the variant "int8" (a_int8.onnx, b_int8.onnx …); name one with "file" in model.json]',
  ],
  [
    { variant: 'int4' },
    exported,
    '[holds no file of the variant "int4"; its variants: fp16, q4f16, qint8_avx512_vnni, quantized]',
  ],
  [{ variant: 'int4' }, ['net.onnx'], '[holds no file of the variant "int4"; its model files: net.onnx]'],
  [{}, exported.slice(1, 2), 'onnx/model_fp16.onnx'],
  [{}, ['sub/model.onnx'], '[holds no model file; expected model.onnx]'],
];

for (const [wish, names, expected] of choices) {
  test(`${JSON.stringify(wish)} of ${names.length} files: ${expected}`, () => {
    const choice = chooseModelFile(names, wish);
    assert.equal('file' in choice ? choice.file : `[${choice.problem}]`, expected);
  });
}
