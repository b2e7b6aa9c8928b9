import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DetectionPlan } from '../../../src/core/detection-plan.js';
import { type DetectionOutputs, type DetectionWishes, detections } from '../../../src/tasks/detection/detections.js';
import { PictureFrame } from '../../../src/tasks/detection/picture-frame.js';
import { placementOf } from '../../../src/tasks/image/placement.js';

const plan: DetectionPlan = { layout: 'yolov8', kind: 'detect', confidence: 0.25, iou: 0.7, maxDetections: 300 };
const labels = ['cat', 'dog'];

/** A picture of 200 × 100 in a network of 100 × 100: half as large, 25 rows below the top. */
const picture = { width: 200, height: 100 };
const resize = { mode: 'letterbox', width: 100, height: 100, filter: 'linear', fill: 114 } as const;
const letterbox = placementOf(picture, { resize, scale: 1, mean: [], std: [], layout: 'NCHW', color: 'RGB' });
const frame = new PictureFrame(picture, letterbox, true);

/** Rows of anchors as YOLOv8 lays them: channel by channel. */
const v8 = (...anchors: readonly (readonly number[])[]): DetectionOutputs => {
  const channels = anchors[0]?.length ?? 0;
  const data = Array.from({ length: channels }, (_, channel) =>
    anchors.map((anchor) => anchor[channel] as number),
  ).flat();
  return { main: { data, shape: [channels, anchors.length] } };
};

const rows = (...given: readonly (readonly number[])[]): DetectionOutputs => ({
  main: { data: given.flat(), shape: [given.length, given[0]?.length ?? 0] },
});

const found = (outputs: DetectionOutputs, changes: Partial<DetectionPlan> = {}, more: Partial<DetectionWishes> = {}) =>
  detections(outputs, { plan: { ...plan, ...changes }, labels, ...more }, frame);

const shown = (outputs: DetectionOutputs, changes?: Partial<DetectionPlan>, more?: Partial<DetectionWishes>) =>
  found(outputs, changes, more).map(({ label, score, box }) => [label, score, Object.values(box)]);

test('a box of YOLOv8 is put back into the picture, and cut off at its edge', () => {
  const outputs = v8([50, 50, 20, 10, 0.5, 0.75], [5, 30, 20, 20, 0.875, 0.125], [50, 50, 20, 10, 0.25, 0.125]);
  assert.deepEqual(shown(outputs), [
    ['cat', 0.875, [0, 0, 30, 30]],
    ['dog', 0.75, [80, 40, 120, 60]],
  ]);
});

test("YOLOv5's scores are those of something times those of its class", () => {
  const outputs = rows([50, 50, 20, 10, 0.5, 0.25, 1], [50, 50, 20, 10, 0.5, 0.5, 0.25]);
  assert.deepEqual(shown(outputs, { layout: 'yolov5' }), [['dog', 0.5, [80, 40, 120, 60]]]);
});

test('end to end: corners and a class, twins stay', () => {
  const row = [40, 45, 60, 55, 0.5, 1];
  const outputs = rows(row, row, [0, 0, 0, 0, 0, 0]);
  assert.deepEqual(shown(outputs, { layout: 'yolo-end2end' }), [
    ['dog', 0.5, [80, 40, 120, 60]],
    ['dog', 0.5, [80, 40, 120, 60]],
  ]);
});

test('of boxes of a class that overlap too much the best one stays, others of other classes beside it', () => {
  const outputs = v8(
    [50, 50, 20, 20, 0.5, 0],
    [50, 51, 20, 20, 0.75, 0],
    [50, 50, 20, 20, 0, 0.625],
    [60, 50, 20, 20, 0.375, 0],
  );
  assert.deepEqual(
    shown(outputs).map(([label, score]) => [label, score]),
    [
      ['cat', 0.75],
      ['dog', 0.625],
      ['cat', 0.375],
    ],
  );
  assert.deepEqual(
    shown(outputs, { agnostic: true }).map(([, score]) => score),
    [0.75, 0.375],
  );
});

test('a box that was left out leaves out no other one', () => {
  const outputs = v8([50, 50, 40, 20, 0.875, 0], [56, 50, 40, 20, 0.75, 0], [62, 50, 40, 20, 0.625, 0]);
  assert.deepEqual(
    found(outputs, { iou: 0.6 }).map(({ score }) => score),
    [0.875, 0.625],
  );
});

test('at most so many, and only of the wanted classes', () => {
  const outputs = v8([10, 50, 5, 5, 0.5, 0], [30, 50, 5, 5, 0.75, 0], [50, 50, 5, 5, 0, 0.875]);
  assert.deepEqual(
    found(outputs, { maxDetections: 1 }).map(({ score }) => score),
    [0.875],
  );
  assert.deepEqual(
    found(outputs, { maxDetections: 1 }, { classes: new Set([0]) }).map(({ score }) => score),
    [0.75],
  );
});

test('NaN is no detection', () => {
  assert.deepEqual(found(v8([50, 50, 20, 10, Number.NaN, Number.NaN])), []);
});

test('points of a pose are put back into the picture, and keep how sure they are', () => {
  const outputs = v8([50, 50, 20, 10, 0.5, 0.125, 60, 45, 0.5, 200, 50, 0.25]);
  const [pose] = found(outputs, { kind: 'pose', keypoints: [2, 3] });
  assert.deepEqual(pose?.keypoints, [
    [120, 40, 0.5],
    [200, 50, 0.25],
  ]);
});

test('an oriented box has four corners, and the upright box around them', () => {
  const [turned] = found(v8([50, 50, 20, 10, 0.5, 0.125, Math.PI / 2]), { kind: 'obb' });
  const near = (values: readonly number[]) => values.map((value) => Math.round(value * 1e4) / 1e4);
  assert.deepEqual(near(Object.values(turned?.box ?? {})), [90, 30, 110, 70]);
  assert.deepEqual(
    turned?.corners?.map((corner) => near(corner)),
    [
      [90, 70],
      [110, 70],
      [110, 30],
      [90, 30],
    ],
  );
});

test('oriented boxes that are alike leave each other out; one across another stays', () => {
  const alike = v8([50, 50, 40, 8, 0.875, 0, 0.1], [50, 50, 40, 8, 0.75, 0, 0.12], [50, 50, 40, 8, 0.625, 0, 1.6]);
  assert.deepEqual(
    found(alike, { kind: 'obb' }).map(({ score }) => score),
    [0.875, 0.625],
  );
});

test('a mask is where the mix of prototypes is more than zero, within the box', () => {
  const outputs: DetectionOutputs = {
    ...v8([50, 50, 40, 20, 0.5, 0.125, 1, -1]),
    prototypes: {
      // Left half yes, right half no; the second prototype takes nothing away.
      data: [...Array.from({ length: 16 }, (_, at) => (at % 4 < 2 ? 1 : -1)), ...new Array<number>(16).fill(0)],
      shape: [2, 4, 4],
      input: { width: 100, height: 100 },
    },
  };
  const [thing] = found(outputs, { kind: 'segment' });
  const { size, counts } = thing?.mask ?? { size: [0, 0], counts: [] };
  assert.deepEqual(size, [100, 200]);
  assert.equal(
    counts.reduce((sum, count) => sum + count, 0),
    100 * 200,
  );
  const ones = counts.reduce((sum, count, index) => sum + (index % 2 === 1 ? count : 0), 0);
  // The left half of 80 × 40 pixels.
  assert.equal(ones, 40 * 40);
  assert.equal(counts[0], 60 * 100 + 30);
});

test('DETR: a class for each query, unless it is none', () => {
  const logits = rows([3, 1, 0], [0, 0, 5], [1, 4, 0]).main;
  const boxes = [0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.25, 0.5, 0.5, 1];
  const given = found({ main: logits, boxes }, { layout: 'detr', confidence: 0.5 });
  assert.deepEqual(
    given.map(({ label, box }) => [label, Object.values(box)]),
    [
      ['dog', [0, 0, 100, 100]],
      ['cat', [50, 25, 150, 75]],
    ],
  );
  assert.ok(Math.abs((given[1]?.score ?? 0) - Math.exp(3) / (Math.exp(3) + Math.exp(1) + 1)) < 1e-12);
});

test('RT-DETR: one query may stand for several classes, as many things as queries', () => {
  const outputs = { main: rows([2, 1], [-3, -4]).main, boxes: [0.5, 0.5, 1, 1, 0.5, 0.5, 0.5, 0.5] };
  assert.deepEqual(
    found(outputs, { layout: 'rt-detr', confidence: 0 }).map(({ label }) => label),
    ['cat', 'dog'],
  );
  assert.equal(found(outputs, { layout: 'deformable-detr', confidence: 0 }).length, 4);
});

test("Ultralytics' RT-DETR: boxes in parts of the picture, nothing left out for overlapping", () => {
  const row = [0.5, 0.5, 0.5, 0.5, 0.75, 0.25];
  assert.deepEqual(shown(rows(row, row), { layout: 'ultralytics-rt-detr' }), [
    ['cat', 0.75, [50, 25, 150, 75]],
    ['cat', 0.75, [50, 25, 150, 75]],
  ]);
});
