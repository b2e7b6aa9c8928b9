import type { ImagePlan } from '../../core/image-plan.js';
import type { ModelSignature, TensorSpec } from '../../core/tensor-spec.js';
import { TaskOff } from '../task-off.js';

/** What a graph takes pictures by. */
export interface ImageInputs {
  readonly pixels: TensorSpec;
  readonly layout: ImagePlan['layout'];
  /** Ones where the picture is; DETR's. */
  readonly mask?: TensorSpec;
  /** Of a picture, where the graph takes no other. */
  readonly height: number | undefined;
  readonly width: number | undefined;
}

/** Throws TaskOff where the graph takes something else. */
export function imageInputs({ inputs }: ModelSignature): ImageInputs {
  const needed = inputs.filter(({ optional }) => optional !== true);
  const mask = needed.find(({ name }) => name === 'pixel_mask');
  const [pixels, another] = needed.filter((spec) => spec !== mask);
  const shape = pixels?.shape;
  if (pixels === undefined || another !== undefined || shape?.length !== 4) {
    const names = needed.map(({ name }) => `"${name}"`).join(', ');
    throw new TaskOff(`pictures fit one input of four axes; those of the graph are ${names}`);
  }
  if (pixels.dataType !== 'FP32')
    throw new TaskOff(`the graph's input "${pixels.name}" is ${pixels.dataType}; export the model with one of FP32`);
  const isPacked = shape[3] === 3 && shape[1] !== 3;
  const [channels, height, width] = isPacked ? [shape[3], shape[1], shape[2]] : [shape[1], shape[2], shape[3]];
  if (typeof channels === 'number' && channels !== 3)
    throw new TaskOff(
      `the graph's input "${pixels.name}" takes pictures of ${channels} colours; only those of 3 are served`,
    );
  return {
    pixels,
    layout: isPacked ? 'NHWC' : 'NCHW',
    ...(mask && { mask }),
    height: typeof height === 'number' ? height : undefined,
    width: typeof width === 'number' ? width : undefined,
  };
}

/** Throws TaskOff where `model.json` has lists of other lengths. */
export function requireLengths({ mean, std, crop }: ImagePlan): void {
  if (mean.length !== 3 || std.length !== 3)
    throw new TaskOff('model.json: image.mean and image.std are three numbers each');
  if (crop !== undefined && crop.length !== 2) throw new TaskOff('model.json: image.crop is [height, width]');
}

/** Throws TaskOff where what the plan makes of pictures is not what the graph takes. */
export function requireFit({ pixels, height, width }: ImageInputs, { resize, crop }: ImagePlan): void {
  if (height === undefined || width === undefined) return;
  const [high, wide] =
    crop ?? (resize === undefined || resize.mode === 'shortest' ? [] : [resize.height, resize.width]);
  if (high === height && wide === width) return;
  const made = high === undefined ? 'of many sizes' : `${wide} × ${high}`;
  throw new TaskOff(
    `the graph's input "${pixels.name}" takes pictures of ${width} × ${height}, and its files make them ${made}; export it with free axes, or correct "image" in model.json`,
  );
}
