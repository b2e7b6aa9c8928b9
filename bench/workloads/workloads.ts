import { Random } from '../../test/support/random.js';
import { features } from '../recipes/forest.js';
import type { ModelName } from '../recipes/make-models.js';
import { vocabulary } from '../recipes/text-encoder.js';
import type { InputRow, Workload } from './workload.js';

const means = [0.485, 0.456, 0.406];
const deviations = [0.229, 0.224, 0.225];
const colourPixels = 224 * 224;

const times = (count: number, make: (random: Random) => readonly InputRow[]): (readonly InputRow[])[] => {
  const random = new Random(count);
  return Array.from({ length: count }, () => make(random));
};

const measurements =
  (name: string, count: number) =>
  (random: Random): InputRow[] => [{ name, dataType: 'FP32', shape: [count], values: random.uniform(count, 1) }];

const digit = (random: Random): InputRow[] => [
  {
    name: 'image',
    dataType: 'FP32',
    shape: [1, 28, 28],
    values: Float32Array.from({ length: 784 }, () => random.integer(256) / 255),
  },
];

/** Normalized as the network's training does it. */
const photograph = (random: Random): InputRow[] => [
  {
    name: 'image',
    dataType: 'FP32',
    shape: [3, 224, 224],
    values: Float32Array.from({ length: 3 * colourPixels }, (_, index) => {
      const colour = Math.floor(index / colourPixels);
      return (random.integer(256) / 255 - means[colour]!) / deviations[colour]!;
    }),
  },
];

export const text = (length: number, random: Random): InputRow[] => [
  {
    name: 'input_ids',
    dataType: 'INT64',
    shape: [length],
    values: BigInt64Array.from({ length }, () => BigInt(random.integer(vocabulary))),
  },
  { name: 'attention_mask', dataType: 'INT64', shape: [length], values: new BigInt64Array(length).fill(1n) },
];

const makers: Readonly<Record<ModelName, () => Workload>> = {
  mlp: () => ({ model: 'mlp', title: 'MLP 4-16-3', questions: times(16, measurements('x', 4)) }),
  'mnist-cnn': () => ({ model: 'mnist-cnn', title: 'MNIST CNN, 784 floats', questions: times(16, digit) }),
  'text-encoder': () => ({
    model: 'text-encoder',
    title: 'Text encoder, 8–128 tokens',
    questions: times(64, (random) => text(8 + random.integer(121), random)),
  }),
  'resnet-50': () => ({ model: 'resnet-50', title: 'ResNet-50, 3×224×224', questions: times(4, photograph) }),
  'image-mean': () => ({ model: 'image-mean', title: 'Mean of an image, 3×224×224', questions: times(4, photograph) }),
  forest: () => ({
    model: 'forest',
    title: 'Forest of 100 trees',
    questions: times(16, measurements('features', features)),
  }),
};

export const workloadNames = Object.keys(makers) as ModelName[];

export const workload = (model: ModelName): Workload => makers[model]();
