import { colorsOf, type ImagePlan } from '../../core/image-plan.js';
import type { ModelSignature, TensorSpec } from '../../core/tensor-spec.js';
import { TaskOff } from '../task-off.js';

/** What a graph takes pictures by. */
export interface ImageInputs {
  readonly pixels: TensorSpec;
  readonly layout: ImagePlan['layout'];
  /** Elements of a pixel. */
  readonly colors: 1 | 3;
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
  if (pixels === undefined || another !== undefined || (shape?.length !== 4 && shape?.length !== 3)) {
    const names = needed.map(({ name }) => `"${name}"`).join(', ');
    throw new TaskOff(`pictures fit one input of four axes, or three without colours; those of the graph are ${names}`);
  }
  if (pixels.dataType !== 'FP32')
    throw new TaskOff(`the graph's input "${pixels.name}" is ${pixels.dataType}; export the model with one of FP32`);
  const { layout, channels, height, width } = axesOf(shape);
  if (channels !== 1 && channels !== 3)
    throw new TaskOff(
      `the graph's input "${pixels.name}" takes pictures of ${channels} colours; only those of 1 and 3 are served`,
    );
  return {
    pixels,
    layout,
    colors: channels,
    ...(mask && { mask }),
    height: typeof height === 'number' ? height : undefined,
    width: typeof width === 'number' ? width : undefined,
  };
}

type Axis = NonNullable<TensorSpec['shape']>[number];

/** Which axis is which; colours of any number are three. */
function axesOf(shape: readonly Axis[]): {
  readonly layout: ImagePlan['layout'];
  readonly channels: number;
  readonly height: Axis | undefined;
  readonly width: Axis | undefined;
} {
  const [, second, third, fourth] = shape;
  if (shape.length === 3) return { layout: 'NHW', channels: 1, height: second, width: third };
  const isColors = (axis: Axis | undefined): boolean => axis === 1 || axis === 3;
  const isPacked = isColors(fourth) && !isColors(second);
  const channels = isPacked ? fourth : second;
  return {
    layout: isPacked ? 'NHWC' : 'NCHW',
    channels: typeof channels === 'number' ? channels : 3,
    height: isPacked ? second : third,
    width: isPacked ? third : fourth,
  };
}

/** Throws TaskOff where `model.json` has lists of other lengths. */
export function requireLengths({ mean, std, crop, color }: ImagePlan): void {
  const count = colorsOf({ color });
  if (mean.length !== count || std.length !== count)
    throw new TaskOff(
      `image.mean and image.std are a number for each colour, of which ${color} has ${count}; correct "image" in model.json`,
    );
  if (crop !== undefined && crop.length !== 2) throw new TaskOff('model.json: image.crop is [height, width]');
}

/** Throws TaskOff where what the plan makes of pictures is not what the graph takes. */
export function requireFit({ pixels, colors, height, width }: ImageInputs, { resize, crop, color }: ImagePlan): void {
  if (colorsOf({ color }) !== colors)
    throw new TaskOff(
      `the graph's input "${pixels.name}" takes pictures of ${colors} ${colors === 1 ? 'colour' : 'colours'}, and image.color in model.json is ${color}`,
    );
  if (height === undefined || width === undefined) return;
  const [high, wide] =
    crop ?? (resize === undefined || resize.mode === 'shortest' ? [] : [resize.height, resize.width]);
  if (high === height && wide === width) return;
  const made = high === undefined ? 'of many sizes' : `${wide} × ${high}`;
  throw new TaskOff(
    `the graph's input "${pixels.name}" takes pictures of ${width} × ${height}, and its files make them ${made}; export it with free axes, or correct "image" in model.json`,
  );
}
