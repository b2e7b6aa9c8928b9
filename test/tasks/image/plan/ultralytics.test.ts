import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ModelSignature, TensorSpec } from '../../../../src/core/tensor-spec.js';
import { ultralyticsFacts } from '../../../../src/tasks/image/plan/ultralytics.js';
import { TaskOff } from '../../../../src/tasks/task-off.js';

const names = "{0: 'cat', 1: \"dog's\", 2: 'bird'}";

const signatureOf = (...outputs: TensorSpec['shape'][]): ModelSignature => ({
  inputs: [{ name: 'images', dataType: 'FP32', shape: [1, 3, 96, 160] }],
  outputs: outputs.map((shape, index) => ({ name: `output${index}`, dataType: 'FP32', shape })),
});

const factsOf = (metadata: Readonly<Record<string, string>>, ...outputs: TensorSpec['shape'][]) =>
  ultralyticsFacts(new Map(Object.entries({ names, stride: '32', ...metadata })), signatureOf(...outputs));

const layouts: readonly (readonly [
  what: string,
  layout: string,
  metadata: Record<string, string>,
  shape: TensorSpec['shape'],
])[] = [
  ['classes behind four numbers, anchors last', 'yolov8', { task: 'detect' }, [1, 7, 8400]],
  ['a score of its own, anchors first', 'yolov5', {}, [1, 25200, 8]],
  ['six numbers a row', 'yolo-end2end', { task: 'detect' }, [1, 300, 6]],
  ['end2end in the metadata', 'yolo-end2end', { task: 'pose', end2end: 'True', kpt_shape: '[17, 3]' }, [1, 300, 57]],
  ['nms among the arguments', 'yolo-end2end', { task: 'detect', args: "{'nms': True}" }, [1, 300, 6]],
  ['coefficients of masks', 'yolov8', { task: 'segment' }, [1, 39, 8400]],
  ['points', 'yolov8', { task: 'pose', kpt_shape: '[17, 3]' }, [1, 58, 8400]],
  ['an angle', 'yolov8', { task: 'obb' }, [1, 8, 8400]],
  ['RT-DETR', 'ultralytics-rt-detr', { task: 'detect', description: 'Ultralytics rtdetr-l model' }, [1, 300, 7]],
  ['axes that are free', 'yolov8', { task: 'detect' }, [null, 7, null]],
];

for (const [what, layout, metadata, shape] of layouts)
  test(`${what}: ${layout}`, () => assert.equal(factsOf(metadata, shape).detection?.layout?.[0], layout));

test('a letterbox as large as the graph takes it, names by number', () => {
  const { labels, image } = factsOf({ task: 'detect' }, [1, 7, 315]);
  assert.deepEqual(labels, ['cat', "dog's", 'bird']);
  assert.deepEqual(image.resize, [
    { mode: 'letterbox', width: 160, height: 96, filter: 'linear', fill: 114 },
    'the graph: "images"',
  ]);
});

test('a graph of free size is given imgsz', () => {
  const signature: ModelSignature = {
    inputs: [{ name: 'images', dataType: 'FP32', shape: [null, 3, null, null] }],
    outputs: [{ name: 'output0', dataType: 'FP32', shape: [null, 7, null] }],
  };
  const metadata = new Map(Object.entries({ names, stride: '32', task: 'detect', imgsz: '[480, 640]' }));
  const [resize, origin] = ultralyticsFacts(metadata, signature).image.resize ?? [];
  assert.deepEqual([resize?.mode === 'letterbox' && resize.height, origin], [480, 'the ONNX file: metadata imgsz']);
});

test('a classifier keeps the middle; that of YOLOv5 normalises', () => {
  const own = factsOf({ task: 'classify' }, [1, 3]);
  assert.deepEqual(
    [own.image.resize?.[0]?.mode, own.image.crop?.[0], own.image.mean?.[0]],
    ['shortest', [96, 160], [0, 0, 0]],
  );
  assert.deepEqual(factsOf({}, [1, 3]).image.mean?.[0], [0.485, 0.456, 0.406]);
});

const off: readonly (readonly [
  what: string,
  metadata: Record<string, string>,
  shape: TensorSpec['shape'],
  says: RegExp,
])[] = [
  ['a shape that fits no layout', { task: 'detect' }, [1, 9, 9], /"output0" is no layout of YOLO that 3 classes fit/],
  [
    'names that are no literal',
    { names: 'os.system("x")' },
    [1, 7, 315],
    /metadata names cannot be read: expected a literal/,
  ],
  ['names that are a number', { names: '3' }, [1, 7, 315], /neither a dictionary nor a list/],
  ['a task of another kind', { task: 'semantic' }, [1, 7, 315], /the task semantic, which is not served/],
  ['a pose without its shape', { task: 'pose' }, [1, 7, 315], /kpt_shape/],
];

for (const [what, metadata, shape, says] of off)
  test(`${what} turns the task off`, () =>
    assert.throws(
      () => factsOf(metadata, shape),
      (error) => error instanceof TaskOff && says.test(error.message),
    ));
