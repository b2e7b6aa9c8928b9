import assert from 'node:assert/strict';
import { test } from 'node:test';
import { uploadPathProblem } from '../../../src/sources/folder/upload-path.js';

const good = ['1/model.onnx', '12/model.onnx/model.onnx', '3/weights/part-0.bin', '1/ä b.onnx', '1/a/b/c/d/e/f/g/h'];
for (const path of good) {
  test(`${path} is a file of a version`, () => assert.equal(uploadPathProblem(path), undefined));
}

const bad = [
  '',
  'model.onnx',
  'config.pbtxt',
  '/1/model.onnx',
  '0/model.onnx',
  '01/model.onnx',
  '-1/model.onnx',
  'one/model.onnx',
  '1',
  '1/',
  '1//model.onnx',
  '1/../../escaped.onnx',
  '1/./model.onnx',
  '1/a/../model.onnx',
  '../1/model.onnx',
  '1/.hidden',
  '1/.git/config',
  '1/a\0b',
  '1/a\nb',
  '1/..\\model.onnx',
  '1/model.onnx.tmp',
  `1/${'n'.repeat(256)}`,
  `1/${'ä'.repeat(128)}`,
  '1/a/b/c/d/e/f/g/h/i',
  `1/${Array(8).fill('n'.repeat(200)).join('/')}`,
];
for (const path of bad) {
  test(`${JSON.stringify(path.slice(0, 40))} is none`, () => assert.match(uploadPathProblem(path) ?? '', /./));
}
