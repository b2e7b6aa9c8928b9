import type { ImageSize } from '../../core/image-plan.js';
import type { Box, Candidate, Detection } from './detection.js';
import type { PictureFrame } from './picture-frame.js';

/** Of a segmenting model: so many maps that masks are mixed from, all of one size, for the whole network's input. */
export interface Prototypes {
  readonly data: ArrayLike<number>;
  readonly shape: readonly [count: number, height: number, width: number];
  /** The network's input. */
  readonly input: ImageSize;
}

/**
 * The pixels of the picture, within the box, for which the mix of prototypes says yes: it is taken linearly between the
 * prototypes' own pixels, and more than 0, where a sigmoid is more than a half.
 */
export function instanceMask(
  { rest }: Candidate,
  box: Box,
  prototypes: Prototypes,
  frame: PictureFrame,
): NonNullable<Detection['mask']> {
  const { width, height } = frame.size;
  const map = mixed(rest, prototypes);
  const { input, shape } = prototypes;
  const [, rows, columns] = shape;
  const [left, right] = [Math.floor(box.xmin), Math.min(Math.ceil(box.xmax), width)];
  const [top, bottom] = [Math.floor(box.ymin), Math.min(Math.ceil(box.ymax), height)];
  const runs = new RunLengths();
  runs.add(0, left * height);
  for (let x = left; x < right; x++) {
    runs.add(0, top);
    for (let y = top; y < bottom; y++) {
      const [across, down] = frame.inNetwork(x + 0.5, y + 0.5);
      const value = between(
        map,
        columns,
        rows,
        (across * columns) / input.width - 0.5,
        (down * rows) / input.height - 0.5,
      );
      runs.add(value > 0 ? 1 : 0, 1);
    }
    runs.add(0, height - bottom);
  }
  runs.add(0, (width - Math.max(right, left)) * height);
  return { size: [height, width], counts: runs.counts };
}

function mixed(coefficients: Float32Array, { data, shape: [count, height, width] }: Prototypes): Float32Array {
  const area = height * width;
  const map = new Float32Array(area);
  for (let prototype = 0; prototype < count; prototype++) {
    const weight = coefficients[prototype] ?? 0;
    for (let at = 0; at < area; at++) map[at]! += weight * (data[prototype * area + at] as number);
  }
  return map;
}

function between(map: Float32Array, columns: number, rows: number, x: number, y: number): number {
  const [across, down] = [Math.min(Math.max(x, 0), columns - 1), Math.min(Math.max(y, 0), rows - 1)];
  const [left, top] = [Math.floor(across), Math.floor(down)];
  const [right, bottom] = [Math.min(left + 1, columns - 1), Math.min(top + 1, rows - 1)];
  const [restX, restY] = [across - left, down - top];
  const upper = map[top * columns + left]! * (1 - restX) + map[top * columns + right]! * restX;
  const lower = map[bottom * columns + left]! * (1 - restX) + map[bottom * columns + right]! * restX;
  return upper * (1 - restY) + lower * restY;
}

/** Lengths of runs of zeros and ones in turns, zeros first. */
class RunLengths {
  readonly counts: number[] = [0];

  add(bit: 0 | 1, length: number): void {
    if (length <= 0) return;
    const last = this.counts.length - 1;
    if (last % 2 === bit) this.counts[last]! += length;
    else this.counts.push(length);
  }
}
