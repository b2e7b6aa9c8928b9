import { colorsOf, type ImagePlacement, type ImagePlan } from '../../core/image-plan.js';
import { PixelKernel } from './kernel/pixel-kernel.js';
import { placementOf } from './placement.js';
import type { Pixels } from './resample.js';
import { putPixels, resample } from './resample.js';

/** One row of a model's input, and where the picture lies in it. */
export interface ImageTensor {
  readonly data: Float32Array;
  /** Without the axis of rows. */
  readonly shape: readonly number[];
  readonly placement: ImagePlacement;
}

const bytes = 256;

/** Makes tensors of pictures, one at a time; its memory is used again and again. */
export class ImageTensors {
  readonly #kernel = new PixelKernel();

  make(pixels: Pixels, plan: ImagePlan): ImageTensor {
    const kernel = this.#kernel;
    const placement = placementOf(pixels, plan);
    const { surface, shown } = placement;
    kernel.begin();
    const taken = plan.color === 'grey' ? luminance(pixels) : pixels;
    const image = resample(kernel, putPixels(kernel, taken), placement.resized, plan.resize?.filter ?? 'nearest');
    const tables = elementTables(plan);
    const tablesAt = kernel.reserve(tables.byteLength);
    const area = surface.width * surface.height;
    const target = kernel.reserve(3 * area * Float32Array.BYTES_PER_ELEMENT);
    kernel.floats(tablesAt, tables.length).set(tables);
    const isPlanar = isInPlanes(plan);
    // The colours of the kernel are red, green and blue; the planes of BGR are written from the last one on.
    const isReversed = plan.color === 'BGR';
    const [step, plane] = isPlanar ? [1, area] : [3, 1];
    if (shown.width < surface.width || shown.height < surface.height)
      fill(kernel.floats(target, 3 * area), plan, tables, isReversed);
    const first = (placement.top * surface.width + placement.left) * step + (isReversed ? 2 * plane : 0);
    kernel.loops.elements32(
      image.address + placement.fromTop * image.stride + placement.fromLeft * 3,
      image.stride,
      target + first * Float32Array.BYTES_PER_ELEMENT,
      surface.width * step,
      shown.width,
      shown.height,
      tablesAt,
      isReversed ? -plane : plane,
      step,
    );
    const { width, height } = surface;
    // Of grey the three planes are the same.
    return {
      data: kernel.floats(target, colorsOf(plan) * area).slice(),
      shape: shapeOf(plan, height, width),
      placement,
    };
  }
}

/** One plane a colour, or pixel by pixel; for a single colour that is the same. */
const isInPlanes = ({ layout, color }: ImagePlan): boolean => layout === 'NCHW' || color === 'grey';

function shapeOf(plan: ImagePlan, height: number, width: number): readonly number[] {
  const colors = colorsOf(plan);
  if (plan.layout === 'NHW') return [height, width];
  return plan.layout === 'NCHW' ? [colors, height, width] : [height, width, colors];
}

/** Red, green and blue as bright as Pillow's mode L makes them, in whole numbers. */
function luminance({ data, width, height }: Pixels): Pixels {
  const grey = new Uint8Array(data.length);
  for (let at = 0; at < data.length; at += 3) {
    const light = (19_595 * data[at]! + 38_470 * data[at + 1]! + 7471 * data[at + 2]! + 0x8000) >> 16;
    grey.fill(light, at, at + 3);
  }
  return { data: grey, width, height };
}

/**
 * The element of each byte, colour by colour, red first; rounded as numpy's float32 is after each step, with the product
 * in double precision.
 */
function elementTables({ scale, mean, std, color }: ImagePlan): Float32Array {
  const tables = new Float32Array(3 * bytes);
  for (let colour = 0; colour < 3; colour++) {
    const channel = channelOf(color, colour);
    const [middle, deviation] = [Math.fround(mean[channel]!), Math.fround(std[channel]!)];
    for (let byte = 0; byte < bytes; byte++) {
      const scaled = Math.fround(byte * scale);
      tables[colour * bytes + byte] = Math.fround(scaled - middle) / deviation;
    }
  }
  return tables;
}

/** Where in `mean` and `std` a colour stands, red first. */
function channelOf(color: ImagePlan['color'], colour: number): number {
  if (color === 'grey') return 0;
  return color === 'RGB' ? colour : 2 - colour;
}

/** The surface where there is no picture: the letterbox's grey, or black. */
function fill(elements: Float32Array, plan: ImagePlan, tables: Float32Array, isReversed: boolean): void {
  const byte = plan.resize?.mode === 'letterbox' ? plan.resize.fill : 0;
  const area = elements.length / 3;
  const elementOf = (channel: number): number => tables[(isReversed ? 2 - channel : channel) * bytes + byte]!;
  if (isInPlanes(plan))
    for (let channel = 0; channel < 3; channel++)
      elements.fill(elementOf(channel), channel * area, (channel + 1) * area);
  else for (let i = 0; i < elements.length; i++) elements[i] = elementOf(i % 3);
}
