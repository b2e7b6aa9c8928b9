import fc from 'fast-check';

/** Texts of numbers as people and programs write them, and as neither does. */
export const numberText: fc.Arbitrary<string> = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
  fc.float({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
  fc.integer().map(String),
  fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }).map(String),
  fc
    .record({
      sign: fc.constantFrom('', '-'),
      whole: digits(1, 25),
      fraction: fc.option(digits(1, 40), { nil: '' }),
      exponent: fc.oneof(
        fc.constant(''),
        fc.integer({ min: -350, max: 330 }).map((power) => `e${power}`),
      ),
    })
    .map(({ sign, whole, fraction, exponent }) => {
      const lead = whole.replace(/^0+(?=\d)/, '');
      return `${sign}${lead}${fraction === '' ? '' : `.${fraction}`}${exponent}`;
    }),
);

/**
 * Whether a name is given twice, perhaps in one object: of two members of one name, V8 of Node 24 keeps now the last, now
 * the first, so that its parser cannot be compared with.
 */
export function repeatsName(text: string): boolean {
  const names = [...text.matchAll(/"((?:[^"\\]|\\.)*)"\s*:/g)].map((match) => match[1]);
  return new Set(names).size < names.length;
}

/** Valid JSON texts in which arrays of numbers are frequent, with white space here and there. */
export const jsonText: fc.Arbitrary<string> = fc.letrec<{ value: string }>((tie) => {
  const space = fc.constantFrom('', '', '', '', ' ', '\n', '\t ', '\r\n');
  const items = (item: fc.Arbitrary<string>) =>
    fc.tuple(fc.array(fc.tuple(space, item, space), { maxLength: 12 }), space).map(([list, rest]) => {
      return `[${list.length === 0 ? rest : list.map((parts) => parts.join('')).join(',')}]`;
    });
  const string = fc.oneof(
    fc.string({ maxLength: 8 }).map((text) => JSON.stringify(text)),
    fc.constantFrom('"\\u00e9\\ud800"', '"é€😀"', '"[1,2"', '"\\\\"', '"\\""', '"__proto__"', '"NaN"'),
  );
  const numbers = items(numberText);
  const member = fc.tuple(space, string, space, tie('value'), space);
  return {
    value: fc.oneof(
      { maxDepth: 4 },
      numberText,
      fc.constantFrom('null', 'true', 'false'),
      string,
      numbers,
      items(numbers),
      items(tie('value')),
      fc
        .uniqueArray(member, { maxLength: 5, selector: ([, key]) => JSON.parse(key) as string })
        .map((list) => `{${list.map(([a, key, b, value, c]) => `${a}${key}${b}:${value}${c}`).join(',')}}`),
    ),
  };
}).value;

/** A text, and what is nearly that text: some bytes dropped, doubled, or replaced by what means something in JSON. */
export const textAndDamagedText: fc.Arbitrary<readonly [string, string]> = fc
  .tuple(
    jsonText,
    fc.array(
      fc.record({
        at: fc.nat(),
        drop: fc.nat({ max: 2 }),
        insert: fc.constantFrom('', ...'[]{},:"\\-+.eE019 tNI\n\u0000x'),
      }),
      { minLength: 1, maxLength: 3 },
    ),
  )
  .map(([text, changes]) => {
    const damaged = changes.reduce((changed, { at, drop, insert }) => {
      const start = at % (changed.length + 1);
      return changed.slice(0, start) + insert + changed.slice(start + drop);
    }, text);
    return [text, damaged];
  });

/** Texts that are nearly JSON. */
export const damagedText: fc.Arbitrary<string> = textAndDamagedText.map(([, damaged]) => damaged);

function digits(min: number, max: number): fc.Arbitrary<string> {
  return fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: min, maxLength: max });
}
