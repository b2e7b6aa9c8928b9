import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { extentOf, type JsonNode, numericText, parseJson, plainValue } from '../../src/codecs/json-document.js';
import { ServingError } from '../../src/core/serving-error.js';
import { damagedText, jsonText, numberText, repeatsName, textAndDamagedText } from './random-json.js';
import { parseText } from './read-text.js';

const plain = (text: string): unknown => {
  const document = parseText(text);
  return plainValue(document, document.root);
};

/** The value as both parsers see it, or that it is refused. */
const outcome = (parse: () => unknown): unknown => {
  try {
    return { value: parse() };
  } catch (error) {
    assert.ok(error instanceof SyntaxError || (error instanceof ServingError && error.code === 'INVALID_ARGUMENT'));
    return 'refused';
  }
};

const rejection = (input: string | Uint8Array): string => {
  try {
    parseJson(typeof input === 'string' ? Buffer.from(input) : input);
  } catch (error) {
    assert.ok(error instanceof ServingError);
    assert.equal(error.code, 'INVALID_ARGUMENT');
    return error.message;
  }
  return assert.fail('accepted');
};

test('numbers, and arrays of nothing but numbers, stand as handles; all else as itself', () => {
  const document = parseText('{"a":[[1,2],[3]],"b":["x",4,[5]],"c":-6.5e1,"d":true,"e":null,"f":{},"g":[]}');
  const { a, b, c, ...rest } = document.root as Record<string, JsonNode>;
  assert.equal(numericText(document, a as number), '[[1,2],[3]]');
  const [x, four, five] = b as JsonNode[];
  assert.equal(x, 'x');
  assert.equal(numericText(document, four as number), '4');
  assert.equal(numericText(document, five as number), '[5]');
  assert.equal(numericText(document, c as number), '-6.5e1');
  assert.deepEqual({ ...rest, g: numericText(document, rest.g as number) }, { d: true, e: null, f: {}, g: '[]' });
});

test('a handle knows how many numbers it stands for', () => {
  const document = parseText('[7, [[1, 2],[3,\n4]], ["x"], [], [[]]]');
  assert.deepEqual(
    [0, 1, 2, 3].map((handle) => extentOf(document, handle).count),
    [1, 4, 0, 0],
  );
});

test('JSON texts have the values that JSON.parse gives them', () => {
  fc.assert(
    fc.property(jsonText, (text) => assert.deepEqual(plain(text), JSON.parse(text))),
    { numRuns: 3000 },
  );
});

test('damaged texts are accepted and refused as JSON.parse does', () => {
  fc.assert(
    fc.property(damagedText, (text) => {
      fc.pre(!/NaN|Infinity/.test(text) && !repeatsName(text));
      // Lone surrogates do not survive being sent as UTF-8, for JSON.parse as little as for us.
      const sent = Buffer.from(text).toString();
      assert.deepEqual(
        outcome(() => plain(sent)),
        outcome(() => JSON.parse(sent)),
      );
    }),
    { numRuns: 3000 },
  );
});

test('a text that comes after one like it has its own values, and its own faults', () => {
  fc.assert(
    fc.property(textAndDamagedText, ([text, like]) => {
      fc.pre(!/NaN|Infinity/.test(like) && !repeatsName(like));
      const sent = Buffer.from(like).toString();
      plain(text);
      assert.deepEqual(
        outcome(() => plain(sent)),
        outcome(() => JSON.parse(sent)),
      );
    }),
    { numRuns: 3000 },
  );
});

test('texts that differ in their numbers alone have each their own', () => {
  const value = fc.oneof(
    numberText,
    fc.array(numberText, { maxLength: 40 }).map((numbers) => `[${numbers.join(' ,')}]`),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(value, value, value), { minLength: 2, maxLength: 6 }), (texts) => {
      for (const [a, b, c] of texts) {
        const text = `{"a":${a},"b":["x",${b}],"é":{"c":[[${c}],null]}}`;
        assert.deepEqual(plain(text), JSON.parse(text));
      }
    }),
    { numRuns: 500 },
  );
});

test('a number in the place of something else is a number, and what comes behind it counts', () => {
  plain('["x",1]');
  assert.deepEqual(plain('[123456]'), [123456]);
  plain('[1,"x"]');
  rejection('[1,"x"]]');
  const { extents } = parseText('[2,"y"]');
  assert.deepEqual(extents, [1, 2, 1], 'only its own numbers');
});

test('an array in the place of a flatter one is refused where it nests too deep', () => {
  const inside = (depth: number) => `{"a":[{"b":${'['.repeat(depth)}1${']'.repeat(depth)}},true]}`;
  assert.doesNotThrow(() => parseText(inside(1)));
  assert.doesNotThrow(() => parseText(inside(61)));
  assert.match(rejection(inside(62)), /nests deeper than 64 levels/);
});

test('long arrays of numbers, broken anywhere, are accepted and refused as JSON.parse does', () => {
  const row = (length: number) => Array.from({ length }, (_, i) => (i % 7 === 0 ? `-${i}.5e-${i % 30}` : `${i * 31}`));
  const whole = JSON.stringify(Array.from({ length: 6 }, (_, i) => row(20 + i))).replaceAll('"', '');
  const inserts = [
    '',
    '[',
    ']',
    ',',
    ' ',
    '.',
    'e',
    '-',
    '+',
    '0',
    '1',
    'n',
    '"',
    '{',
    '}',
    '\n',
    '\u000b',
    '1 2',
    '],[',
  ];
  for (let at = 0; at <= whole.length; at++) {
    for (const insert of inserts) {
      for (const text of [
        whole.slice(0, at) + insert + whole.slice(at),
        whole.slice(0, at) + insert + whole.slice(at + 1),
      ]) {
        const ours = outcome(() => plain(text));
        const theirs = outcome(() => JSON.parse(text));
        // Comparing is far slower than parsing: most of these are refused by both.
        if (ours !== 'refused' || theirs !== 'refused') assert.deepEqual(ours, theirs, text);
      }
    }
  }
});

test('NaN, Infinity and -Infinity are numbers, and only these three', () => {
  assert.deepEqual(plain('{"a":NaN,"b":[Infinity,-Infinity,1],"c":"NaN"}'), {
    a: NaN,
    b: [Infinity, -Infinity, 1],
    c: 'NaN',
  });
  for (const text of [
    '-NaN',
    '+Infinity',
    'nan',
    'Inf',
    'NaNs',
    '[NaN1]',
    '[1NaN]',
    '[NaN.5]',
    '[-Infinity0]',
    'NaN NaN',
  ]) {
    rejection(text);
  }
});

test('what follows a number or an array of numbers cannot make it another number', () => {
  for (const text of [
    '[1].5',
    '[1]2',
    '[[1]3]',
    '1[2]',
    '[1][2]',
    '"a"1',
    '{"a":1"b":2}',
    '[NaN]1',
    '1.[2]',
    '-[1]',
    '.[1]',
  ]) {
    rejection(text);
  }
});

test('a __proto__ key is a key like any other', () => {
  const document = parseText('{"__proto__":{"polluted":1},"a":[{"__proto__":[2,"x"]}]}');
  assert.deepEqual(Object.keys(document.root as object), ['__proto__', 'a']);
  const value = plainValue(document, document.root) as Record<string, unknown>;
  assert.equal(Object.getPrototypeOf(value), Object.prototype);
  assert.ok(Object.hasOwn(value, '__proto__'));
  assert.equal((value as { polluted?: unknown }).polluted, undefined);
});

test('of repeated keys the last one counts', () => {
  assert.deepEqual(plain('{"a":[1,2],"a":[3]}'), { a: [3] });
});

test('64 levels are read, a 65th is refused with its place, whatever the containers are', () => {
  const nested = (open: string, close: string, depth: number) => open.repeat(depth) + close.repeat(depth);
  assert.doesNotThrow(() => parseText(nested('[', ']', 64)));
  assert.doesNotThrow(() => parseText(`${'{"a":'.repeat(64)}1${'}'.repeat(64)}`));
  assert.match(rejection(nested('[', ']', 65)), /nests deeper than 64 levels at line 1, column 65 \(byte 64\)/);
  assert.match(rejection(`${'{"a":'.repeat(65)}1${'}'.repeat(65)}`), /nests deeper than 64 levels/);
  assert.match(rejection(`{"a":${'['.repeat(64)}1`), /nests deeper than 64 levels/);
  assert.match(rejection('['.repeat(10_000_000)), /nests deeper than 64 levels/);
});

test('brackets that close nothing are refused, whatever follows them', () => {
  for (const text of [
    ']',
    '}',
    '[]]',
    '{}}',
    `${']'.repeat(1000)}${'['.repeat(200)}"x"`,
    `${'}'.repeat(200)}${'[1,'.repeat(100)}{`,
  ]) {
    rejection(text);
  }
});

test('siblings do not add up to depth', () => {
  assert.doesNotThrow(() => parseText(`[${Array(500).fill('[[1],["x"],{"a":[2]}]').join(',')}]`));
});

test('a syntax error says what was expected, what came, and where', () => {
  const cases: [string, RegExp][] = [
    ['', /expected a value, got the end of the text at line 1, column 1 \(byte 0\)/],
    ['{"a":1 2}', /expected ',' or '}', got '2' at line 1, column 8 \(byte 7\)/],
    ['{"a":[1,\n2,]}', /expected a value, got ']' at line 2, column 3 \(byte 11\)/],
    ['[1 2]', /expected ',' or ']', got '2' at line 1, column 4 \(byte 3\)/],
    ['{a:1}', /expected a string as key or '}', got 'a' at line 1, column 2/],
    ['{"a":1,}', /expected a string as key, got '}' at line 1, column 8/],
    ['{"a" 1}', /expected ':', got '1'/],
    ['[01]', /a malformed number at line 1, column 2/],
    ['[1.]', /a malformed number/],
    ['[+1]', /expected a value or '\]', got '\+'/],
    ['[1] x', /expected the end of the text, got 'x'/],
    ['"abc', /a string that does not end/],
    ['"a\nb"', /an unescaped control character \(byte 0x0a\) in a string/],
    ['"\\q"', /an unknown escape in a string at line 1, column 2/],
    ['{"é":[1,}', /expected a value, got '}' at line 1, column 9 \(byte 9\)/],
    ['\ufeff\ufeff[1]', /expected a value, got '\ufeff'/],
    ['\ufeff[1,]', /expected a value, got '\]' at line 1, column 4/],
    ['[tru]', /expected a value or '\]', got 't'/],
  ];
  for (const [text, message] of cases) assert.match(rejection(text), message);
});

test('text in UTF-16 is refused with its place, too', () => {
  for (const text of ['\u0000[\u0000', '[\u00001\u0000', '\u0000\u0000\u0000['])
    assert.match(rejection(text), /UTF-\d+.*\(byte 0\)/);
});

test('every damaged text that is refused is refused with a place inside it', () => {
  fc.assert(
    fc.property(damagedText, (text) => {
      const bytes = Buffer.from(text);
      try {
        parseJson(bytes);
      } catch (error) {
        const place = /\(byte (\d+)\)/.exec((error as Error).message);
        assert.ok(place && Number(place[1]) <= bytes.length, (error as Error).message);
      }
    }),
    { numRuns: 2000 },
  );
});

test('bytes that are not UTF-8 are refused with their place, wherever they stand', () => {
  const around = (...bytes: number[]) => Buffer.concat([Buffer.from('{"a":"'), Buffer.from(bytes), Buffer.from('"}')]);
  for (const bytes of [
    [0xff],
    [0xc0, 0x80],
    [0xed, 0xa0, 0x80],
    [0xf4, 0x90, 0x80, 0x80],
    [0xe2, 0x82],
    [0xef, 0xbf],
  ]) {
    assert.match(rejection(around(...bytes)), /not valid UTF-8 at line 1, column 7 \(byte 6\)/);
  }
  assert.match(rejection(around(0xef, 0xbf, 0xbd, 0x80)), /column 8 \(byte 9\)/);
  assert.doesNotThrow(() => parseJson(around(0xef, 0xbf, 0xbd)));
  assert.doesNotThrow(() => parseJson(around(...Buffer.from('😀'))));
});

test('a document does not change when other texts are parsed after it, from the same memory too', () => {
  const bytes = Buffer.from('{"a":[1,2,3],"b":"x"}');
  const first = parseJson(Buffer.from(bytes));
  parseJson(bytes);
  bytes.write('{"a":[4,5,6],"b":"y"}');
  const second = parseJson(bytes);
  assert.deepEqual(plainValue(first, first.root), { a: [1, 2, 3], b: 'x' });
  assert.deepEqual(plainValue(second, second.root), { a: [4, 5, 6], b: 'y' });
});

test('a body of more small things than memory is good for is refused', () => {
  assert.match(rejection(`[${'{},'.repeat(4_200_000)}1]`), /more than 4194304 objects, mixed arrays and numbers/);
  assert.match(rejection(`[${'1,'.repeat(4_200_000)}"x"]`), /more than 4194304 objects/);
  assert.doesNotThrow(() => parseText(`[${'1,'.repeat(4_200_000)}1]`));
});

test('hostile texts of a megabyte are dealt with in linear time', { timeout: 20_000 }, () => {
  const size = 1_000_000;
  const texts = [
    '"\\"'.repeat(size / 3),
    `"${'\\"'.repeat(size / 2)}"`,
    `[${'1,'.repeat(size / 2)}"x"]`,
    `${'['.repeat(60)}${'1,'.repeat(size / 2)}"x"${']'.repeat(60)}`,
    `[${'[[1],"x"],'.repeat(size / 10)}1]`,
    `[${'[1,'.repeat(size / 3)}`,
    `[${'"x",1,'.repeat(size / 6)}2]`,
    `[${'[[1,'.repeat(40)}${'[1,2],'.repeat(size / 6)}`,
    '9'.repeat(size),
    `[0.${'0'.repeat(size)}1]`,
    `[1e${'9'.repeat(size)}]`,
    '-'.repeat(size),
    ' '.repeat(size),
    `[${' '.repeat(size)}1]`,
    `{${'"a":1,'.repeat(size / 6)}"a":2}`,
    '\u0000'.repeat(size),
  ];
  // Milliseconds each; anything quadratic would take minutes.
  for (const text of texts) outcome(() => parseText(text));
});
