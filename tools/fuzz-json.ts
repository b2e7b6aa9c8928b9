import assert from 'node:assert/strict';
import { isUtf8 } from 'node:buffer';
import { extentOf, type JsonDocument, numericText, parseJson, plainValue } from '../src/codecs/json-document.js';
import { readTensorOfShape } from '../src/codecs/json-tensor-reader.js';
import { JsonWriter } from '../src/codecs/json-writer.js';
import type { ShapedTarget } from '../src/codecs/tensor-target.js';
import { ServingError } from '../src/core/serving-error.js';
import { exactlyRounded, formats } from '../test/codecs/exact-rounding.js';
import { Random } from '../test/support/random.js';
import { damage } from './fuzz/damage.js';
import { doubleOfBits, randomJson } from './fuzz/random-json.js';

/**
 * Compares the codecs with the platform over random documents, every second one damaged: the same texts accepted, the
 * same values, numbers rounded once to each type, written numbers as JavaScript writes them.
 *
 *   node dist/tools/fuzz-json.js [documents] [seed]
 */
const total = Number(process.argv[2] ?? 1_000_000);
const seed = Number(process.argv[3] ?? Date.now() % 2 ** 31);
const random = new Random(seed);
const counts = { accepted: 0, rejected: 0, numbers: 0, written: 0 };
const subject = 'x';
const rejected = Symbol('rejected');

console.log(`${total} documents, seed ${seed}`);
for (let done = 1; done <= total; done++) {
  const text = Buffer.from(randomJson(random));
  const bytes = random.chance(2) ? damage(text, random) : text;
  // Numbers for us, rejected by JSON.parse.
  if (/NaN|Infinity/.test(bytes.toString('latin1'))) continue;
  try {
    compareDocument(bytes);
    if (random.chance(16)) compareWriting();
  } catch (error) {
    console.log(`after ${done} documents, on ${JSON.stringify(bytes.toString('latin1').slice(0, 4000))}`);
    throw error;
  }
  if (done % 1_000_000 === 0) console.log(done, JSON.stringify(counts));
}
console.log('no difference', JSON.stringify(counts));

function compareDocument(bytes: Buffer): void {
  const expected = isUtf8(bytes) ? outcome(() => JSON.parse(bytes.toString().replace(/^\ufeff/, ''))) : rejected;
  const document = outcome(() => parseJson(bytes));
  if (expected === rejected || document === rejected) {
    assert.equal(document, expected, 'one rejects, the other does not');
    counts.rejected++;
    return;
  }
  counts.accepted++;
  const { root } = document as JsonDocument;
  assert.ok(isSame(plainValue(document as JsonDocument, root), expected), 'the values differ');
  compareNumbers(document as JsonDocument);
}

function compareNumbers(document: JsonDocument): void {
  for (let handle = 0; 3 * handle < document.extents.length; handle++) {
    const { count } = extentOf(document, handle);
    const text = numericText(document, handle);
    const shape = [count];
    const texts = text.match(/-?\d[\d.eE+-]*/g) ?? [];
    assert.equal(texts.length, count);
    const doubles = readNumbers(document, handle, { subject, dataType: 'FP64', shape }, texts);
    const singles = readNumbers(document, handle, { subject, dataType: 'FP32', shape }, texts);
    if (doubles === rejected || singles === rejected) continue;
    counts.numbers += count;
    for (const [i, number] of texts.entries()) {
      const double = Number(number);
      assert.ok(Object.is(doubles[i], double), `${number} as FP64 is ${doubles[i]}`);
      // The exact way takes long: always where the double may hide a midpoint, else now and then.
      const exact = isNearMidpoint(double) || random.chance(64);
      const single = exact ? exactlyRounded(number, formats.FP32) : Math.fround(double);
      assert.ok(Object.is(singles[i], single), `${number} as FP32 is ${singles[i]}, not ${single}`);
    }
  }
}

/** What is rejected has a number beyond the largest of the type, and only that is. */
function readNumbers(
  document: JsonDocument,
  handle: number,
  target: ShapedTarget & { readonly dataType: 'FP32' | 'FP64' },
  texts: readonly string[],
): ArrayLike<number> | typeof rejected {
  const read = outcome(() => readTensorOfShape(document, handle, target).data);
  // The exact way takes long, and is needed only where the double is near the largest.
  const limit = target.dataType === 'FP64' ? Number.MAX_VALUE : 3.4028235e38;
  const isInRange = texts.every(
    (number) => Math.abs(Number(number)) < limit || Number.isFinite(exactlyRounded(number, formats[target.dataType])),
  );
  assert.equal(read !== rejected, isInRange, `${target.dataType}: read only where all are in its range`);
  return read as ArrayLike<number> | typeof rejected;
}

function compareWriting(): void {
  const doubles = Float64Array.from({ length: 1 + random.integer(40) }, () => doubleOfBits(random));
  const written = new JsonWriter().flat({ dataType: 'FP64', shape: [doubles.length], data: doubles }).finish();
  const expected = Array.from(doubles, (value) => (Object.is(value, -0) ? '-0' : String(value)));
  // A whole double says that it is no integer.
  assert.equal(written.toString().replace(/\.0(?=[,\]])/g, ''), `[${expected.join(',')}]`);
  const singles = Float32Array.from(doubles, () => doubleOfBits(random) % 2 ** 127);
  const text = new JsonWriter()
    .flat({ dataType: 'FP32', shape: [singles.length], data: singles })
    .finish()
    .toString();
  const back = JSON.parse(text) as number[];
  for (const [i, single] of singles.entries()) {
    assert.ok(Object.is(Math.fround(back[i] as number), single), `${single} as FP32 is written ${back[i]}`);
    assert.ok(String(back[i]).length <= String(Number(single.toPrecision(9))).length, `${back[i]} is too long`);
  }
  counts.written += doubles.length + singles.length;
}

function outcome(parse: () => unknown): unknown {
  try {
    return parse();
  } catch (error) {
    if (error instanceof SyntaxError || (error instanceof ServingError && error.code === 'INVALID_ARGUMENT'))
      return rejected;
    throw error;
  }
}

function isSame(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || a === null) return Object.is(a, b);
  if (typeof b !== 'object' || b === null || Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && isSame(a[key as keyof typeof a], b[key as keyof typeof b]))
  );
}

function isNearMidpoint(double: number): boolean {
  return Math.fround(double * (1 - Number.EPSILON)) !== Math.fround(double * (1 + Number.EPSILON));
}
