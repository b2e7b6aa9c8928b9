import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { evaluateDimension, parseDimension, symbolsOf } from '../../src/core/dimension-expression.js';

const sizes: Readonly<Record<string, number>> = { a: 7, b: 3, 'batch-size': 5, past_sequence_length: 4, s0: 9 };

const evaluate = (text: string, symbols?: readonly string[]): number | undefined => {
  const expression = parseDimension(text, symbols && new Set(symbols));
  return expression && evaluateDimension(expression, (symbol) => sizes[symbol] ?? 1);
};

const worlds: readonly (readonly [text: string, size: number | undefined])[] = [
  ['a + b', 10],
  ['a+1', 8],
  ['a * 2', 14],
  ['2*a', 14],
  ['floor(a/2)', 3],
  ['floor(a / 2) + 1', 4],
  ['ceiling(a/2)', 4],
  ['a//2', 3],
  ['a - b - 1', 3],
  ['a - (b - 1)', 5],
  ['-b + a', 4],
  ['a % b', 1],
  ['Mod(a, b)', 1],
  ['((a - 1)//2) + 1', 4],
  ['Max(1, a, b)', 7],
  ['Min(a, 4)', 4],
  ['b**2', 9],
  ['2**b**2', 512],
  ['past_sequence_length + 1', 5],
  ['FloorDiv(s0, 2)', 4],
  ['1.0*s0', 9],
  // No sizes.
  ['a/2', undefined],
  ['b - a', undefined],
  ['a/0', undefined],
  ['a**99', undefined],
];

for (const [text, size] of worlds) {
  test(`"${text}" is ${size === undefined ? 'no size' : `of size ${size}`}`, () => {
    assert.ok(parseDimension(text) !== undefined);
    assert.equal(evaluate(text), size);
  });
}

for (const name of [
  ...[
    'batch',
    'batch_size',
    'batch-size',
    'N/A',
    'input/ids',
    'dim 0',
    '4',
    '(a)',
    '-',
    'a +',
    '+ a',
    'a b + c',
    'a(b)',
  ],
  ...[
    'floor()',
    'floor(a, b)',
    'mod(a)',
    'a + (b',
    'a, b',
    '中文-名',
    '*',
    '?',
    '',
    'a + é!',
    `${'('.repeat(99)}a+1${')'.repeat(99)}`,
  ],
  `${'a + '.repeat(200)}a`,
]) {
  test(`"${name.slice(0, 20)}" is a name`, () => assert.equal(parseDimension(name), undefined));
}

test('a hyphen between words belongs to the name, unless both are names of their own', () => {
  assert.equal(evaluate('batch-size * 2'), 10);
  assert.equal(evaluate('a-b'), undefined);
  assert.equal(evaluate('a-b', ['a', 'b']), 4);
});

test('its symbols are named once each', () => {
  assert.deepEqual([...symbolsOf(parseDimension('a*(b + a) - max(c, 1)')!)], ['a', 'b', 'c']);
});

test('any text is read without an exception, as an expression or a name', () => {
  const piece = fc.constantFrom(
    'a',
    'b2',
    '1',
    '2.5',
    '+',
    '-',
    '*',
    '/',
    '//',
    '**',
    '%',
    '(',
    ')',
    ',',
    ' ',
    'floor(',
    'é',
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(piece, { maxLength: 40 }).map((parts) => parts.join('')),
      ),
      (text) => {
        const expression = parseDimension(text);
        const size = expression && evaluateDimension(expression, () => 3);
        return size === undefined || (Number.isSafeInteger(size) && size >= 0);
      },
    ),
  );
});
