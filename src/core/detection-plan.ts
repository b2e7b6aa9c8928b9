/**
 * How a graph's outputs say where things are.
 *
 * - `detr`: logits with a last class for nothing, softmax; `pred_boxes`.
 * - `deformable-detr`: sigmoid, the best 100 of queries × classes; `rt-detr`: as many as there are queries.
 * - `yolov5`: [A, 5 + classes], a score for there being something; `yolov8`: [4 + classes, A].
 * - `yolo-end2end`: [D, 6], corners, score and class; nothing overlaps any more.
 * - `ultralytics-rt-detr`: [Q, 4 + classes], boxes in parts of the picture.
 */
export const detectionLayouts = [
  'detr',
  'deformable-detr',
  'rt-detr',
  'yolov5',
  'yolov8',
  'yolo-end2end',
  'ultralytics-rt-detr',
] as const;
export type DetectionLayout = (typeof detectionLayouts)[number];

/** What else a YOLO model says of a thing beside its box. */
export const detectionKinds = ['detect', 'segment', 'pose', 'obb'] as const;
export type DetectionKind = (typeof detectionKinds)[number];

/** What `detection` of model.json says, and what is derived where it says nothing. */
export interface DetectionPlan {
  readonly layout: DetectionLayout;
  readonly kind: DetectionKind;
  /** What scores less is left out. */
  readonly confidence: number;
  /** Of two boxes of a class that have so much in common the one with the lower score is left out. */
  readonly iou: number;
  readonly maxDetections: number;
  /** Boxes of different classes leave each other out, too. */
  readonly agnostic?: boolean;
  /** Of a pose: points, and numbers of each. */
  readonly keypoints?: readonly number[];
}
