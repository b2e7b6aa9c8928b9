import type { ImageFilter, ImagePlan, ImageResize, ImageSize } from '../src/core/image-plan.js';
import { ImageTensors } from '../src/tasks/image/image-tensor.js';
import { linearColumns, linearRows } from '../src/tasks/image/linear-weights.js';
import { type AxisWeights, pillowWeights, type WeightedFilter } from '../src/tasks/image/pillow-weights.js';
import { placementOf } from '../src/tasks/image/placement.js';
import type { Pixels } from '../src/tasks/image/resample.js';
import { median } from '../test/support/statistics.js';

/**
 * From a decoded picture to a model's input: the WebAssembly loops against the same arithmetic in plain JavaScript. Both
 * take turns; medians of the processor's time. Before anything is timed both must give the same elements.
 *
 *   npm run build && node dist/bench/pictures.js [rounds]
 */
const rounds = Number(process.argv[2] ?? 15);

const stretch = (filter: ImageFilter): ImageResize => ({ mode: 'stretch', width: 224, height: 224, filter });
const letterbox: ImageResize = { mode: 'letterbox', width: 640, height: 640, filter: 'linear', fill: 114 };
const resizes: readonly (readonly [string, ImageResize])[] = [
  ['224 × 224, bilinear', stretch('bilinear')],
  ['224 × 224, bicubic', stretch('bicubic')],
  ['letterbox 640 × 640', letterbox],
];
const sizes = [
  [640, 480],
  [1920, 1080],
  [4000, 3000],
] as const;

const half = 1 << 21;
const tensors = new ImageTensors();
console.log(`Node.js ${process.version}, ${rounds} rounds; the processor's time for one picture in ms, medians\n`);
console.log('| picture | becomes | kernel | plain JavaScript | ratio |');
console.log('| --- | --- | --: | --: | --: |');
for (const [width, height] of sizes) {
  const pixels = { data: new Uint8Array(3 * width * height).map(() => Math.random() * 256), width, height };
  for (const [becomes, resize] of resizes) measure(pixels, becomes, resize);
}

function measure(pixels: Pixels, becomes: string, resize: ImageResize): void {
  const plan: ImagePlan = {
    resize,
    scale: 1 / 255,
    mean: [0.5, 0.5, 0.5],
    std: [0.5, 0.5, 0.5],
    layout: 'NCHW',
    color: 'RGB',
  };
  const kernel = () => tensors.make(pixels, plan).data;
  const plain = () => plainTensor(pixels, plan, resize);
  if (Buffer.compare(Buffer.from(kernel().buffer), Buffer.from(plain().buffer)) !== 0)
    throw new Error(`${becomes}: the two differ`);
  const times: readonly [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round++)
    for (const [index, make] of [kernel, plain].entries()) {
      const before = process.cpuUsage();
      make();
      const { user, system } = process.cpuUsage(before);
      times[index]?.push((user + system) / 1000);
    }
  const [ours, theirs] = times.map(median) as [number, number];
  const cells = [`${pixels.width} × ${pixels.height}`, becomes, ours.toFixed(2), theirs.toFixed(2)];
  console.log(`| ${cells.join(' | ')} | ${(theirs / ours).toFixed(1)} |`);
}

function plainTensor(pixels: Pixels, plan: ImagePlan, { filter }: ImageResize): Float32Array {
  const { resized, surface, left, top } = placementOf(pixels, plan);
  const small = filter === 'linear' ? plainLinear(pixels, resized) : plainWeighted(pixels, resized, filter);
  const table = Float32Array.from(
    { length: 256 },
    (_, byte) => Math.fround(Math.fround(byte * plan.scale) - 0.5) / 0.5,
  );
  const area = surface.width * surface.height;
  const elements = new Float32Array(3 * area).fill(table[114] as number);
  for (let colour = 0; colour < 3; colour++)
    for (let y = 0; y < resized.height; y++)
      for (let x = 0; x < resized.width; x++)
        elements[colour * area + (top + y) * surface.width + left + x] = table[
          small[3 * (y * resized.width + x) + colour] as number
        ] as number;
  return elements;
}

function plainWeighted({ data, width, height }: Pixels, to: ImageSize, filter: ImageFilter): Uint8Array {
  const across = pillowWeights(width, to.width, filter as WeightedFilter, 1);
  const acrossEnds = ends(across);
  const wide = new Uint8Array(3 * to.width * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < to.width; x++) {
      let [red, green, blue] = [half, half, half];
      let from = 3 * (y * width + (across.first[x] as number));
      for (let tap = x * across.taps; tap < (acrossEnds[x] as number); tap++) {
        const weight = across.weights[tap] as number;
        red += (data[from] as number) * weight;
        green += (data[from + 1] as number) * weight;
        blue += (data[from + 2] as number) * weight;
        from += 3;
      }
      const at = 3 * (y * to.width + x);
      wide[at] = clamped(red);
      wide[at + 1] = clamped(green);
      wide[at + 2] = clamped(blue);
    }
  const down = pillowWeights(height, to.height, filter as WeightedFilter, 1);
  const downEnds = ends(down);
  const small = new Uint8Array(3 * to.width * to.height);
  const stride = 3 * to.width;
  for (let y = 0; y < to.height; y++)
    for (let x = 0; x < stride; x++) {
      let sum = half;
      let from = (down.first[y] as number) * stride + x;
      for (let tap = y * down.taps; tap < (downEnds[y] as number); tap++) {
        const weight = down.weights[tap] as number;
        sum += (wide[from] as number) * weight;
        from += stride;
      }
      small[y * stride + x] = clamped(sum);
    }
  return small;
}

/** Where the weights of each element end, without the zeros behind them. */
function ends({ first, weights, taps }: AxisWeights): Int32Array {
  return first.map((_, index) => {
    let end = (index + 1) * taps;
    while (weights[end - 1] === 0) end -= 1;
    return end;
  });
}

function clamped(sum: number): number {
  const byte = sum >> 22;
  if (byte < 0) return 0;
  return Math.min(byte, 255);
}

function plainLinear({ data, width, height }: Pixels, to: ImageSize): Uint8Array {
  const { starts, weights } = linearColumns(width, to.width);
  const rows = linearRows(height, to.height);
  const small = new Uint8Array(3 * to.width * to.height);
  for (let y = 0; y < to.height; y++) {
    const [upper, lower, first, second] = rows.subarray(4 * y, 4 * y + 4) as unknown as [
      number,
      number,
      number,
      number,
    ];
    for (let x = 0; x < to.width; x++) {
      const start = starts[x] as number;
      const weight = weights[x] as number;
      const [left, right] = [weight & 0xffff, weight >> 16];
      const next = right === 0 ? start : start + 3;
      for (let colour = 0; colour < 3; colour++) {
        const one = upper * 3 * width + colour;
        const other = lower * 3 * width + colour;
        const above = (data[one + start] as number) * left + (data[one + next] as number) * right;
        const below = (data[other + start] as number) * left + (data[other + next] as number) * right;
        const sum = ((first * (above >> 4)) >> 16) + ((second * (below >> 4)) >> 16);
        small[3 * (y * to.width + x) + colour] = (sum + 2) >> 2;
      }
    }
  }
  return small;
}
