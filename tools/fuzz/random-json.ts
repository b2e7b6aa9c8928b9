import type { Random } from '../../test/support/random.js';

const spaces = ['', '', '', '', '', '', ' ', '\n', '\t', '\r\n  '];
const strings = [
  '"a"',
  '""',
  '"\\n"',
  '"\\u00e9"',
  '"\\ud83d\\ude00"',
  '"é€😀"',
  '"[1,2"',
  '"\\\\"',
  '"\\""',
  '"__proto__"',
  '"1"',
];
const literals = ['null', 'true', 'false'];

/** A JSON text, mostly small, mostly of numbers, in UTF-8. */
export function randomJson(random: Random): string {
  if (random.chance(50_000)) return longArray(random);
  return value(random, 0);
}

/** A number as a program writes it, or any other that the grammar allows. */
export function randomNumber(random: Random): string {
  switch (random.integer(8)) {
    case 0:
    case 1:
      return String(random.integer(1000));
    case 2:
      return String((random.integer(2 ** 32) - 2 ** 31) / 2 ** random.integer(60));
    case 3:
      return String(Math.fround((random.integer(2 ** 32) - 2 ** 31) / 2 ** 30));
    case 4:
      return String(doubleOfBits(random));
    case 5:
      return String((BigInt(random.integer(2 ** 32)) << 32n) + BigInt(random.integer(2 ** 32)) - 2n ** 63n);
    case 6:
      return `${random.chance(2) ? '-' : ''}${random.integer(10)}.${digits(random, 1 + random.integer(30))}`;
    default: {
      const whole = digits(random, 1 + random.integer(22)).replace(/^0+(?=\d)/, '');
      const fraction = random.chance(2) ? `.${digits(random, 1 + random.integer(22))}` : '';
      const exponent = random.chance(2)
        ? `${random.pick(['e', 'E', 'e+', 'e-', 'E-'])}${random.integer(random.chance(9) ? 400 : 40)}`
        : '';
      return `${random.chance(3) ? '-' : ''}${whole}${fraction}${exponent}`;
    }
  }
}

function value(random: Random, depth: number): string {
  const kind = random.integer(depth > 5 ? 4 : 10);
  if (kind < 2) return randomNumber(random);
  if (kind === 2) return random.pick(strings);
  if (kind === 3) return random.pick(literals);
  if (kind < 7) return array(random, random.integer(random.chance(4) ? 40 : 6), () => randomNumber(random));
  if (kind === 7) {
    const width = random.integer(5);
    return array(random, random.integer(8), () => array(random, width, () => randomNumber(random)));
  }
  if (kind === 8) return array(random, random.integer(5), () => value(random, depth + 1));
  const members = Array.from({ length: random.integer(4) }, () => {
    return `${space(random)}${random.pick(strings)}${space(random)}:${space(random)}${value(random, depth + 1)}${space(random)}`;
  });
  return `{${members.join(',')}}`;
}

function array(random: Random, length: number, item: () => string): string {
  if (length === 0) return `[${space(random)}]`;
  return `[${Array.from({ length }, () => `${space(random)}${item()}${space(random)}`).join(',')}]`;
}

/** Longer than what the kernel looks at in one go. */
function longArray(random: Random): string {
  return array(random, 3000 + random.integer(20_000), () =>
    random.chance(30) ? `[${randomNumber(random)}]` : randomNumber(random),
  );
}

const space = (random: Random): string => random.pick(spaces);

const digits = (random: Random, count: number): string =>
  Array.from({ length: count }, () => String(random.integer(10))).join('');

const bits = new DataView(new ArrayBuffer(8));

/** Any finite double. */
export function doubleOfBits(random: Random): number {
  bits.setUint32(0, random.integer(2 ** 32));
  bits.setUint32(4, random.integer(2 ** 32));
  const double = bits.getFloat64(0);
  return Number.isFinite(double) ? double : 1.5;
}
