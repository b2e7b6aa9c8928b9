import type { ImageFilter, ImageSize } from '../../core/image-plan.js';
import type { PixelKernel } from './kernel/pixel-kernel.js';
import { linearColumns, linearRows } from './linear-weights.js';
import { pairHalves, pillowWeights, type WeightedFilter } from './pillow-weights.js';

/** A decoded picture: rows of red, green and blue bytes, nothing between them. */
export interface Pixels {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** A picture in the kernel's memory; a stride is the bytes from one row to the next. */
export interface KernelImage extends ImageSize {
  readonly address: number;
  readonly stride: number;
}

/** Rows are a multiple of this many bytes apart, so that no block that is stored reaches into the next one. */
const block = 16;

export const putPixels = (kernel: PixelKernel, { data, width, height }: Pixels): KernelImage => ({
  address: kernel.putBytes(data),
  stride: 3 * width,
  width,
  height,
});

/** The picture in another size: byte for byte what Pillow, or with `linear` OpenCV, makes of it. */
export function resample(kernel: PixelKernel, image: KernelImage, size: ImageSize, filter: ImageFilter): KernelImage {
  if (image.width === size.width && image.height === size.height) return image;
  if (filter === 'nearest') return nearest(kernel, image, size);
  if (filter === 'linear') return linear(kernel, image, size);
  const wide = image.width === size.width ? image : alongRows(kernel, image, size.width, filter);
  return wide.height === size.height ? wide : downColumns(kernel, wide, size.height, filter);
}

function reserveImage(kernel: PixelKernel, { width, height }: ImageSize): KernelImage {
  const stride = Math.ceil((3 * width) / block) * block;
  return { address: kernel.reserve(stride * height), stride, width, height };
}

function alongRows(kernel: PixelKernel, from: KernelImage, width: number, filter: WeightedFilter): KernelImage {
  const { first, weights, taps } = pillowWeights(from.width, width, filter, 4);
  const starts = kernel.putInts(first.map((pixel) => 3 * pixel));
  const halves = kernel.putInts(pairHalves(weights));
  const to = reserveImage(kernel, { width, height: from.height });
  // What the weights of zero are for, behind the last row.
  kernel.reserve(3 * taps);
  kernel.loops.weightedRows(
    from.address,
    from.stride,
    to.address,
    to.stride,
    width,
    from.height,
    starts,
    halves,
    taps / 4,
  );
  return to;
}

function downColumns(kernel: PixelKernel, from: KernelImage, height: number, filter: WeightedFilter): KernelImage {
  const { first, weights, taps } = pillowWeights(from.height, height, filter, 2);
  const starts = kernel.putInts(first.map((row) => row * from.stride));
  const halves = kernel.putInts(pairHalves(weights));
  const to = reserveImage(kernel, { width: from.width, height });
  // What the weights of zero are for, below the last row.
  kernel.reserve(taps * from.stride);
  kernel.loops.weightedColumns(
    from.address,
    from.stride,
    to.address,
    to.stride,
    3 * from.width,
    height,
    starts,
    halves,
    taps / 2,
  );
  return to;
}

/** Sums of doubles, as Pillow adds them up: the place of a pixel, not the multiple of a scale. */
function nearestStarts(from: number, to: number, bytes: number): Int32Array {
  const scale = from / to;
  const starts = new Int32Array(to);
  let place = scale * 0.5;
  for (let i = 0; i < to; i++) {
    starts[i] = Math.min(Math.trunc(place), from - 1) * bytes;
    place += scale;
  }
  return starts;
}

function nearest(kernel: PixelKernel, from: KernelImage, size: ImageSize): KernelImage {
  const columns = kernel.putInts(nearestStarts(from.width, size.width, 3));
  const rows = kernel.putInts(nearestStarts(from.height, size.height, from.stride));
  const to = reserveImage(kernel, size);
  kernel.loops.picked(from.address, to.address, to.stride, to.width, to.height, columns, rows);
  return to;
}

function linear(kernel: PixelKernel, from: KernelImage, size: ImageSize): KernelImage {
  const { width, height } = size;
  if (from.width === 2 * width && from.height === 2 * height) {
    const to = reserveImage(kernel, size);
    kernel.loops.halve(from.address, from.stride, to.address, to.stride, width, height);
    return to;
  }
  const { starts, weights } = linearColumns(from.width, width);
  const columnStarts = kernel.putInts(starts);
  const columnWeights = kernel.putInts(weights);
  const rows = kernel.putInts(linearRows(from.height, height));
  const sums = kernel.reserve(2 * (6 * width + block));
  const to = reserveImage(kernel, size);
  kernel.loops.linear(
    from.address,
    from.stride,
    to.address,
    to.stride,
    width,
    height,
    columnStarts,
    columnWeights,
    rows,
    sums,
  );
  return to;
}
