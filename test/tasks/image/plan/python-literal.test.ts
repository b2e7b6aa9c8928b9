import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type PythonValue, readPythonLiteral } from '../../../../src/tasks/image/plan/python-literal.js';

const good: readonly (readonly [text: string, value: PythonValue])[] = [
  [
    `{0: 'person', 1: "it's", 2: 'blue "big"'}`,
    new Map([
      [0, 'person'],
      [1, "it's"],
      [2, 'blue "big"'],
    ] as const),
  ],
  [`{0: 'both \\' and " here'}`, new Map([[0, `both ' and " here`]])],
  [`'\\u72ac \\x41 \\U0001F600 \\101 \\n \\q'`, '犬 A 😀 A \n \\q'],
  ['[640, 480]', [640, 480]],
  ['(17, 3)', [17, 3]],
  ['(1)', 1],
  ['(1,)', [1]],
  ['[1, 2,]', [1, 2]],
  ['[]', []],
  ['{}', new Map()],
  [
    `{'nms': True, 'half': False, 'dynamic': None, 'x': -1.5e-3}`,
    new Map<PythonValue, PythonValue>([
      ['nms', true],
      ['half', false],
      ['dynamic', null],
      ['x', -0.0015],
    ]),
  ],
  ['1_000', 1000],
  [`'a' "b"`, 'ab'],
  [` { '__proto__' : [ ( True , ) ] } `, new Map<PythonValue, PythonValue>([['__proto__', [[true]]]])],
];

for (const [text, value] of good)
  test(`${text} is read as Python reads it`, () => assert.deepEqual(readPythonLiteral(text), value));

const bad = [
  '',
  '{',
  '{0}',
  "{0: 'a'",
  "'a",
  "'\\x4'",
  "'\\U00110000'",
  '[1 2]',
  'nan',
  '__import__("os")',
  '1 + 1',
  '[1] [2]',
  '['.repeat(10_000),
  'f"x"',
];

for (const text of bad)
  test(`${text.slice(0, 20)} is no literal`, () =>
    assert.throws(() => readPythonLiteral(text), /^Error: expected .* at character \d+$/));
