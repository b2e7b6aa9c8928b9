import type { Random } from '../../test/support/random.js';

/** Pieces that mean something in JSON, or nearly. */
const pieces = [
  ...'[]{},:"\\-+.eE0159 \n\t\r/xnN',
  ...[
    '\u0000',
    '\u000b',
    '\u001f',
    '\u007f',
    '\u00a0',
    '\ufeff',
    'é',
    '0.',
    '.5',
    '-0',
    '1e',
    'e5',
    '00',
    '],[',
    '1 2',
    '""',
    'null',
    'tru',
    '\\u12',
    '\\x',
  ],
].map((piece) => Buffer.from(piece));
const brokenUtf8 = [[0xff], [0xc0], [0xe2, 0x82], [0xed, 0xa0, 0x80], [0x80], [0xf5, 0x80, 0x80, 0x80]].map((bytes) =>
  Buffer.from(bytes),
);

/** The text with one to three places changed: bytes dropped, put in, doubled or cut off. */
export function damage(text: Buffer, random: Random): Buffer {
  let damaged = text;
  for (let changes = 1 + random.integer(3); changes > 0; changes--) {
    const at = random.integer(damaged.length + 1);
    const before = damaged.subarray(0, at);
    const after = damaged.subarray(at + random.integer(3));
    const kind = random.integer(40);
    if (kind === 0) damaged = before;
    else if (kind === 1) damaged = Buffer.concat([before, random.pick(brokenUtf8), after]);
    else if (kind < 6)
      damaged = Buffer.concat([before, damaged.subarray(Math.max(0, at - random.integer(9)), at), after]);
    else if (kind < 12) damaged = Buffer.concat([before, after]);
    else damaged = Buffer.concat([before, random.pick(pieces), after]);
  }
  return damaged;
}
