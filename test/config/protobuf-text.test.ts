import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseProtobufText, type TextField } from '../../src/config/protobuf-text.js';

/** Fields as pairs of a name and a plain value. */
const plain = (fields: readonly TextField[]): unknown[] =>
  fields.map(({ name, value }) => {
    if (value.kind === 'message') return [name, plain(value.fields)];
    return [name, value.kind === 'number' ? value.number : value.kind === 'word' ? `<${value.text}>` : value.text];
  });

const texts: readonly (readonly [text: string, fields: unknown])[] = [
  ['', []],
  ['# nothing\n  # but comments', []],
  [
    'a: 1 b: "x"',
    [
      ['a', 1],
      ['b', 'x'],
    ],
  ],
  [
    'a: 1, b: 2; c: 3',
    [
      ['a', 1],
      ['b', 2],
      ['c', 3],
    ],
  ],
  [
    'a { b: 1 } c < d: 2 > e: { f: 3 } g: < >',
    [
      ['a', [['b', 1]]],
      ['c', [['d', 2]]],
      ['e', [['f', 3]]],
      ['g', []],
    ],
  ],
  [
    'a: [1, 2,\n 3] b: []',
    [
      ['a', 1],
      ['a', 2],
      ['a', 3],
    ],
  ],
  [
    'a [ { b: 1 }, { b: 2 } ]',
    [
      ['a', [['b', 1]]],
      ['a', [['b', 2]]],
    ],
  ],
  [
    'a: "one" \'two\'\n "three" # and no more\n b: KIND_CPU',
    [
      ['a', 'onetwothree'],
      ['b', '<KIND_CPU>'],
    ],
  ],
  ['a: "\\"\\\'\\n\\t\\\\\\303\\244\\xC3\\xA4\\u00e4\\U0001F600\\?"', [['a', '"\'\n\t\\äää😀?']]],
  [
    'a: -5 b: 0x1F c: 017 d: 1.5f e: .5 f: 2e3 g: - 7 h: 0x1f',
    [
      ['a', -5],
      ['b', 31],
      ['c', 15],
      ['d', 1.5],
      ['e', 0.5],
      ['f', 2000],
      ['g', -7],
      ['h', 31],
    ],
  ],
  [
    'a: inf b: -infinity c: true',
    [
      ['a', Infinity],
      ['b', -Infinity],
      ['c', '<true>'],
    ],
  ],
  [
    '[type.googleapis.com/a.B] { c: 1 } [x.y]: 2',
    [
      ['[type.googleapis.com/a.B]', [['c', 1]]],
      ['[x.y]', 2],
    ],
  ],
  ['\uFEFFa: 1', [['a', 1]]],
];

for (const [text, fields] of texts) {
  test(`reads ${JSON.stringify(text.slice(0, 60))}`, () => assert.deepEqual(plain(parseProtobufText(text)), fields));
}

const faults: readonly (readonly [text: string, message: string])[] = [
  ['max_batch_size 8', 'expected ":" or "{", got "8" at line 1, column 16'],
  ['a: 1\ninput {\n  name: "x"\n', 'expected "}" or a field, got the end of the file at line 4, column 1'],
  ['a: 1 }', 'expected a field, got "}" at line 1, column 6'],
  ['a { b: 1 >', 'expected "}" or a field, got ">" at line 1, column 10'],
  ['a: [1 2]', 'expected "," or "]", got "2" at line 1, column 7'],
  ['a: [1,]', 'expected a value, got "]" at line 1, column 7'],
  ['\n a: "no end\n"', 'expected the closing quote on the same line at line 2, column 5'],
  ['a: "\\q"', 'expected a text with escapes that protobuf knows at line 1, column 4'],
  ['a: 12x', 'expected a field or a value, got "1" at line 1, column 4'],
  ['a: -x', 'expected a number after "-" at line 1, column 5'],
  ['a:', 'expected a value, got the end of the file at line 1, column 3'],
  ['{ a: 1 }', 'expected a field, got "{" at line 1, column 1'],
  ['a: 1 = 2', 'expected a field or a value, got "=" at line 1, column 6'],
];

for (const [text, message] of faults) {
  test(`rejects ${JSON.stringify(text)}`, () => assert.throws(() => parseProtobufText(text), { message }));
}

test('nesting and the number of fields are bounded', () => {
  assert.throws(() => parseProtobufText('a {'.repeat(100)), /at most 32 levels/);
  assert.equal(parseProtobufText('a: 1 '.repeat(20_000)).length, 20_000);
  assert.throws(() => parseProtobufText('a: 1 '.repeat(20_001)), /at most 20000 fields/);
});

test('a mebibyte of one thing is read or rejected without ado', () => {
  const size = 2 ** 20;
  for (const filler of ['"', '\\', '#', '\n', ' ', '[', '<', 'a', '1', '"a"', 'a: "', '\\"']) {
    const text = `a: "${filler.repeat(size / filler.length)}`;
    for (const attempt of [text, filler.repeat(size / filler.length), `${text}"`]) {
      try {
        parseProtobufText(attempt);
      } catch (error) {
        assert.match((error as Error).message, / at line \d+, column \d+$/);
      }
    }
  }
});

test('any text is read, or rejected with its place', () => {
  const piece = fc.constantFrom(
    ...[
      'a',
      'input',
      ':',
      '{',
      '}',
      '<',
      '>',
      '[',
      ']',
      ',',
      ';',
      '"x"',
      "'y'",
      '"',
      "'",
      '\\',
      '1',
      '-',
      '0x',
      '1.5f',
      '\n',
      ' ',
      '#',
      'é',
    ],
  );
  const made = fc.array(piece, { maxLength: 60 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(fc.oneof(fc.string(), made), (text) => {
      try {
        parseProtobufText(text);
        return true;
      } catch (error) {
        return / at line \d+, column \d+$/.test((error as Error).message);
      }
    }),
    { numRuns: 3000 },
  );
});
