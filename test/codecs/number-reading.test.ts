import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bfloat16ToNumber, halfToNumber } from '../../src/core/half-values.js';
import { exactlyRounded, formats } from './exact-rounding.js';
import { edgeCases } from './number-edge-cases.js';
import { numberText } from './random-json.js';
import { elementsOf } from './read-text.js';

type FloatType = keyof typeof formats;

const toNumber: Record<FloatType, (element: number) => number> = {
  FP64: Number,
  FP32: Number,
  FP16: halfToNumber,
  BF16: bfloat16ToNumber,
};

const floatTypes = Object.keys(formats) as FloatType[];

/** Reads the texts as one array, with a plain number before and after each. */
function readBetweenOthers(texts: readonly string[], type: FloatType): number[] {
  const elements = elementsOf(`[${texts.map((text) => `0.5,${text},2`).join(', ')}]`, type) as number[];
  return elements.filter((_, i) => i % 3 === 1).map(toNumber[type]);
}

const isInRange = (text: string, type: FloatType): boolean => Number.isFinite(exactlyRounded(text, formats[type]));

const signed = edgeCases.flatMap((text) => [text, text.startsWith('-') ? text.slice(1) : `-${text}`]);

for (const type of floatTypes) {
  test(`${type}: what lies beyond the largest value is refused with its place, wherever it stands`, () => {
    const texts = signed.filter((text) => !isInRange(text, type));
    assert.ok(texts.length > 8);
    for (const text of texts) {
      const sign = text.startsWith('-') ? '-' : '';
      const says = new RegExp(`is beyond the largest ${type}, .*; send "${sign}Infinity" to mean infinity`);
      assert.throws(() => elementsOf(text, type), says);
      assert.throws(
        () => elementsOf(`[[1.5],[${text}]]`, type),
        (error: Error) => {
          assert.match(error.message, says);
          assert.match(error.message, / at \[1\]\[0\]: /);
          return true;
        },
      );
      assert.throws(() => elementsOf(`[${'0.25,'.repeat(9000)}${text},1]`, type), says);
      assert.throws(() => elementsOf(`["NaN",${text}]`, type), says);
    }
  });

  test(`${type}: edge cases, with either sign, are rounded once and correctly`, () => {
    const texts = signed.filter((text) => isInRange(text, type));
    const read = readBetweenOthers(texts, type);
    for (const [i, text] of texts.entries()) {
      const expected = exactlyRounded(text, formats[type]);
      assert.ok(Object.is(read[i], expected), `${text.slice(0, 80)}: ${read[i]} instead of ${expected}`);
      assert.ok(
        Object.is(toNumber[type](elementsOf(text, type)[0] as number), expected),
        `alone: ${text.slice(0, 80)}`,
      );
    }
  });

  test(`${type}: random numbers are rounded once and correctly`, () => {
    fc.assert(
      fc.property(fc.array(numberText, { minLength: 1, maxLength: 20 }), (all) => {
        const texts = all.filter((text) => isInRange(text, type));
        for (const [i, value] of readBetweenOthers(texts, type).entries()) {
          const text = texts[i] as string;
          assert.ok(Object.is(value, exactlyRounded(text, formats[type])), `${text}: ${value}`);
        }
      }),
      { numRuns: 300 },
    );
  });

  test(`${type}: the midpoints between neighbours, and what is a trace beside them, fall to the right side`, () => {
    const { precision, least, greatest } = formats[type];
    const texts: string[] = [];
    for (let exponent = least - 3; exponent <= Math.min(greatest, 200); exponent += type === 'FP16' ? 1 : 7) {
      for (const steps of [1n, 3n, (1n << BigInt(precision)) + 1n, (1n << BigInt(precision + 1)) - 1n]) {
        const midpoint = decimalText(steps, exponent - precision - 2);
        const [digits, power = ''] = midpoint.split('e');
        texts.push(midpoint, `${digits}000000000000000000001e${Number(power) - 21}`);
        texts.push(`${BigInt(digits as string) - 1n}9999999999999999999999e${Number(power) - 22}`.replace(/^0/, ''));
      }
    }
    for (const [i, value] of readBetweenOthers(texts, type).entries()) {
      const expected = exactlyRounded(texts[i] as string, formats[type]);
      assert.ok(Object.is(value, expected), `${texts[i]}: ${value} instead of ${expected}`);
    }
  });
}

test('FP64 has exactly the values that JSON.parse has', () => {
  fc.assert(
    fc.property(fc.array(numberText, { minLength: 1, maxLength: 50 }), (texts) => {
      const text = `[${texts.filter((one) => isInRange(one, 'FP64')).join(',')}]`;
      assert.deepEqual(elementsOf(text, 'FP64'), JSON.parse(text));
    }),
    { numRuns: 1000 },
  );
});

test('long arrays are read alike wherever the parts of them end that are looked at together', () => {
  for (const item of [
    '1',
    '-1.25',
    '0.12345678901234567',
    '[3]',
    '[[-4.5e-3, 17]]',
    ' [\n12 ]',
    '12345678901234567890',
  ]) {
    for (const padding of [0, 1, 5, 13, 40]) {
      const text = `[${' '.repeat(padding)}${Array(30_000).fill(item).join(',')}]`;
      assert.deepEqual(elementsOf(text, 'FP64'), (JSON.parse(text) as unknown[]).flat(3));
    }
  }
});

/** steps × 2^power with all its digits, as a whole number and a power of ten. */
function decimalText(steps: bigint, power: number): string {
  return power >= 0 ? `${steps << BigInt(power)}e0` : `${steps * 5n ** BigInt(-power)}e${power}`;
}
