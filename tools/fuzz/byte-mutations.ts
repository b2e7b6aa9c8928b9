import type { Random } from '../../test/support/random.js';

type Mutation = (bytes: Buffer, other: Buffer, random: Random) => Buffer;

const randomBytes = (length: number, random: Random): Buffer =>
  Buffer.from(Array.from({ length }, () => random.integer(256)));

/** What happens to files on their way, and what somebody does to them on purpose. `other` is a file of the same kind. */
export const byteMutations: Readonly<Record<string, Mutation>> = {
  flipBits: (bytes, _, random) => {
    const mutant = Buffer.from(bytes);
    for (let count = 1 + random.integer(8); count > 0; count--)
      mutant[random.integer(mutant.length)]! ^= 1 << random.integer(8);
    return mutant;
  },
  setBytes: (bytes, _, random) => {
    const mutant = Buffer.from(bytes);
    const extremes = [0x00, 0x01, 0x7f, 0x80, 0xff];
    for (let count = 1 + random.integer(4); count > 0; count--)
      mutant[random.integer(mutant.length)] = random.pick(extremes);
    return mutant;
  },
  truncate: (bytes, _, random) => bytes.subarray(0, random.integer(bytes.length)),
  remove: (bytes, _, random) => {
    const from = random.integer(bytes.length);
    return Buffer.concat([bytes.subarray(0, from), bytes.subarray(from + 1 + random.integer(64))]);
  },
  insert: (bytes, _, random) => {
    const at = random.integer(bytes.length);
    return Buffer.concat([bytes.subarray(0, at), randomBytes(1 + random.integer(32), random), bytes.subarray(at)]);
  },
  hugeLength: (bytes, _, random) => {
    const at = random.integer(bytes.length);
    const length = Buffer.from([0xff, 0xff, 0xff, 0xff, random.integer(256) | 0x80, random.integer(128)]);
    return Buffer.concat([bytes.subarray(0, at), length, bytes.subarray(at + random.integer(3))]);
  },
  repeat: (bytes, _, random) => {
    const from = random.integer(bytes.length);
    const piece = bytes.subarray(from, from + 1 + random.integer(256));
    const times = 1 + random.integer(200);
    return Buffer.concat([bytes.subarray(0, from), ...new Array<Buffer>(times).fill(piece), bytes.subarray(from)]);
  },
  splice: (bytes, other, random) =>
    Buffer.concat([bytes.subarray(0, random.integer(bytes.length)), other.subarray(random.integer(other.length))]),
  join: (bytes, other) => Buffer.concat([bytes, other]),
};
