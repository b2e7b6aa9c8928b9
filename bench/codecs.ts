import { parseJson } from '../src/codecs/json-document.js';
import { readTensor } from '../src/codecs/json-tensor-reader.js';
import { JsonWriter } from '../src/codecs/json-writer.js';
import type { DataType } from '../src/core/data-type.js';
import type { Tensor } from '../src/core/tensor.js';
import { median } from '../test/support/statistics.js';

/**
 * The codecs against the platform: reading against JSON.parse of the body's text and a hand-written flatten into the
 * typed array, writing against a hand-written nesting of the typed array and JSON.stringify. Both sides take turns;
 * medians.
 *
 *   npm run build && node dist/bench/codecs.js [rounds]
 */
const rounds = Number(process.argv[2] ?? 11);
/** Numbers gone through in one round, about. */
const roundSize = 300_000;

interface Case {
  readonly shape: readonly number[];
  readonly numbers: string;
  readonly dataType: DataType;
  readonly texts: readonly string[];
}

const shapes = [[4], [48], [1000], [3, 224, 224], [20_000, 1]];
const sources: readonly { numbers: string; dataType: DataType; text: () => string }[] = [
  { numbers: 'float32, 17 digits', dataType: 'FP32', text: () => String(Math.fround(pixel())) },
  { numbers: 'float32, shortest', dataType: 'FP32', text: () => shortest(Math.fround(pixel())) },
  { numbers: 'float64', dataType: 'FP64', text: () => String(pixel()) },
  { numbers: 'integers below 30000', dataType: 'INT64', text: () => String(Math.floor(Math.random() * 30_000)) },
];

console.log(`Node.js ${process.version}, ${rounds} rounds; times of one tensor in µs, medians\n`);
console.log(
  '| shape | numbers | body bytes | read | JSON.parse + flatten | ratio | write | nest + JSON.stringify | ratio |',
);
console.log('| --- | --- | --- | --- | --- | --- | --- | --- | --- |');
for (const shape of shapes) {
  const count = shape.reduce((product, size) => product * size, 1);
  for (const { numbers, dataType, text } of sources) {
    measure({ shape: [1, ...shape], numbers, dataType, texts: Array.from({ length: count }, text) });
  }
}

function measure({ shape, numbers, dataType, texts }: Case): void {
  const body = Buffer.from(`{"instances":${nestedText(texts, shape)}}`);
  const read = (): Tensor => {
    const document = parseJson(body);
    const { instances } = document.root as { instances: number };
    return readTensor(document, instances, { subject: 'input "x"', dataType });
  };
  const tensor = read();
  const [reading, parsing] = medians(texts.length, read, () => parseAndFlatten(body, dataType, texts.length));
  const [writing, stringifying] = medians(
    texts.length,
    () => new JsonWriter().nested(tensor).finish(),
    () => nestAndStringify(tensor),
  );
  const cells = [
    shape.slice(1).join('×'),
    numbers,
    body.length,
    reading.toFixed(2),
    parsing.toFixed(2),
    (parsing / reading).toFixed(2),
    writing.toFixed(2),
    stringifying.toFixed(2),
    (stringifying / writing).toFixed(2),
  ];
  console.log(`| ${cells.join(' | ')} |`);
}

/** Median times of the two in µs. */
function medians(count: number, ours: () => unknown, theirs: () => unknown): [number, number] {
  const repetitions = Math.max(1, Math.round(roundSize / count));
  const times: [number[], number[]] = [[], []];
  for (let round = -2; round < rounds; round++) {
    for (const [side, run] of [ours, theirs].entries()) {
      const start = performance.now();
      for (let i = 0; i < repetitions; i++) run();
      if (round >= 0) times[side as 0 | 1].push(((performance.now() - start) * 1000) / repetitions);
    }
  }
  return [median(times[0]), median(times[1])];
}

function parseAndFlatten(body: Buffer, dataType: DataType, count: number): unknown {
  const { instances } = JSON.parse(body.toString()) as { instances: unknown };
  if (dataType === 'INT64') {
    const data = new BigInt64Array(count);
    flatten(instances, 0, (index, value) => {
      data[index] = BigInt(value);
    });
    return data;
  }
  const data = dataType === 'FP32' ? new Float32Array(count) : new Float64Array(count);
  flatten(instances, 0, (index, value) => {
    data[index] = value;
  });
  return data;
}

function flatten(value: unknown, next: number, put: (index: number, value: number) => void): number {
  if (!Array.isArray(value)) {
    put(next, value as number);
    return next + 1;
  }
  for (const item of value) next = flatten(item, next, put);
  return next;
}

function nestAndStringify({ data, shape }: Tensor): Buffer {
  const elements = data as Float64Array;
  const nest = (axis: number, from: number, size: number): unknown => {
    const length = shape[axis];
    // JSON.stringify rejects BigInt.
    if (length === undefined) return Number(elements[from]);
    const items = new Array<unknown>(length);
    for (let i = 0; i < length; i++) items[i] = nest(axis + 1, from + (i * size) / length, size / length);
    return items;
  };
  return Buffer.from(JSON.stringify(nest(0, 0, elements.length)));
}

function nestedText(texts: readonly string[], shape: readonly number[]): string {
  if (shape.length === 0) return texts[0] as string;
  const [length, ...inner] = shape as [number, ...number[]];
  const step = texts.length / length;
  const items = Array.from({ length }, (_, i) => nestedText(texts.slice(i * step, (i + 1) * step), inner));
  return `[${items.join(',')}]`;
}

/** A normalized colour value. */
function pixel(): number {
  return Math.random() * 4.5 - 2.1;
}

function shortest(value: number): string {
  const texts = [6, 7, 8, 9].map((digits) => String(Number(value.toPrecision(digits))));
  return texts.find((text) => Math.fround(Number(text)) === value) ?? String(value);
}
