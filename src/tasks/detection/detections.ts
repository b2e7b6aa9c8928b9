import type { DetectionPlan } from '../../core/detection-plan.js';
import type { Candidate, Detection } from './detection.js';
import { type DetrLayout, detrCandidates } from './detr-detections.js';
import { instanceMask, type Prototypes } from './instance-mask.js';
import { byScore, suppressOverlaps } from './non-max-suppression.js';
import type { PictureFrame } from './picture-frame.js';
import { type Matrix, yoloCandidates } from './yolo-candidates.js';

/** What a graph gave for one picture. */
export interface DetectionOutputs {
  /** `logits` of DETR, else the only output of boxes. */
  readonly main: Matrix;
  /** `pred_boxes` of DETR. */
  readonly boxes?: ArrayLike<number>;
  readonly prototypes?: Prototypes;
}

export interface DetectionWishes {
  readonly plan: DetectionPlan;
  readonly labels: readonly string[];
  /** Numbers of the classes that are wanted; absent: all. */
  readonly classes?: ReadonlySet<number>;
}

/** The things in one picture, the surest first. */
export function detections(outputs: DetectionOutputs, wishes: DetectionWishes, frame: PictureFrame): Detection[] {
  const { plan, labels, classes } = wishes;
  const isWanted = ({ class: label }: Candidate): boolean => classes === undefined || classes.has(label);
  const labelled = (candidate: Candidate) => ({
    label: labels[candidate.class] ?? `LABEL_${candidate.class}`,
    class: candidate.class,
    score: candidate.score,
  });
  if (isDetr(plan.layout)) {
    const found = detrCandidates(outputs.main, outputs.boxes ?? [], {
      layout: plan.layout,
      confidence: plan.confidence,
    });
    const { width, height } = frame.size;
    return found
      .filter(isWanted)
      .slice(0, plan.maxDetections)
      .map((candidate) => {
        const [xmin, ymin, xmax, ymax] = candidate.box;
        const box = { xmin: xmin * width, ymin: ymin * height, xmax: xmax * width, ymax: ymax * height };
        return { ...labelled(candidate), box };
      });
  }
  return yolo(outputs, wishes)
    .filter(isWanted)
    .slice(0, plan.maxDetections)
    .map((candidate) => ({
      ...labelled(candidate),
      ...placed(candidate, outputs, wishes, frame),
    }));
}

const isDetr = (layout: DetectionPlan['layout']): layout is DetrLayout =>
  layout === 'detr' || layout === 'deformable-detr' || layout === 'rt-detr';

function yolo({ main }: DetectionOutputs, { plan, labels, classes }: DetectionWishes): Candidate[] {
  const isOriented = plan.kind === 'obb';
  const { layout, confidence } = plan;
  const candidates = yoloCandidates(main, { layout, confidence, classes: labels.length, isOriented });
  if (layout === 'yolo-end2end' || layout === 'ultralytics-rt-detr') return byScore(candidates);
  const wanted = classes === undefined ? candidates : candidates.filter(({ class: label }) => classes.has(label));
  return suppressOverlaps(wanted, { ...plan, agnostic: plan.agnostic === true, isOriented });
}

function placed(
  candidate: Candidate,
  { prototypes }: DetectionOutputs,
  { plan }: DetectionWishes,
  frame: PictureFrame,
): Pick<Detection, 'box' | 'keypoints' | 'corners' | 'mask'> {
  const { box: found, rest } = candidate;
  if (plan.layout === 'ultralytics-rt-detr') {
    const { width, height } = frame.size;
    const [xmin, ymin, xmax, ymax] = found;
    return { box: { xmin: xmin * width, ymin: ymin * height, xmax: xmax * width, ymax: ymax * height } };
  }
  if (plan.kind === 'obb') return orientedBox(candidate, frame);
  const box = frame.clippedBox(found);
  if (plan.kind === 'pose') return { box, keypoints: keypoints(rest, plan.keypoints ?? [], frame) };
  if (plan.kind === 'segment' && prototypes !== undefined)
    return { box, mask: instanceMask(candidate, box, prototypes, frame) };
  return { box };
}

function keypoints(rest: Float32Array, [count = 0, numbers = 2]: readonly number[], frame: PictureFrame): number[][] {
  return Array.from({ length: count }, (_, point) => {
    const [x = 0, y = 0, ...more] = rest.subarray(point * numbers, (point + 1) * numbers);
    return [...frame.clippedPoint(x, y), ...more];
  });
}

/** The corners of the turned rectangle, and the upright box around them. */
function orientedBox({ box: [x, y, width, height], rest }: Candidate, frame: PictureFrame) {
  const angle = rest.at(-1) ?? 0;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const signs = [
    [1, 1],
    [1, -1],
    [-1, -1],
    [-1, 1],
  ] as const;
  const corners = signs.map(([along, across]) => {
    const [dx, dy] = [(along * width) / 2, (across * height) / 2];
    return frame.point(x + dx * cos - dy * sin, y + dx * sin + dy * cos);
  });
  const [xs, ys] = [corners.map(([across]) => across), corners.map(([, down]) => down)];
  const box = { xmin: Math.min(...xs), ymin: Math.min(...ys), xmax: Math.max(...xs), ymax: Math.max(...ys) };
  return { box, corners };
}
