import type { Tokenized, TokenSequence } from '../core/preparation.js';
import type { PreparationMessage } from './preparation-frames.js';

/** Beside the blobs: ids (int32), type ids (bytes) and, with `tokens`, offsets (pairs of int32) and special tokens (bytes). */
export interface TokenizedJson {
  /** Of each sequence. */
  readonly texts: readonly number[];
  readonly lengths: readonly number[];
  readonly longer: readonly number[];
  readonly tokens?: readonly (readonly string[])[];
}

/** All sequences lie end to end in the blobs. */
export function readTokenized({ json, blobs }: PreparationMessage): Tokenized {
  const { texts, lengths, longer, tokens, prepareMs } = json as TokenizedJson & { readonly prepareMs: number };
  const [ids, typeIds, offsets, special] = blobs as [Uint8Array, Uint8Array, Uint8Array?, Uint8Array?];
  let at = 0;
  const sequences = lengths.map((length, index): TokenSequence => {
    const from = at;
    at += length;
    const ofTokens = tokens?.[index];
    return {
      text: texts[index] as number,
      ids: int32(ids).subarray(from, at),
      typeIds: typeIds.subarray(from, at),
      ...(ofTokens &&
        offsets &&
        special && {
          details: {
            tokens: ofTokens,
            offsets: int32(offsets).subarray(2 * from, 2 * at),
            special: special.subarray(from, at),
          },
        }),
    };
  });
  return { sequences, longer, prepareMs };
}

const int32 = ({ buffer, byteOffset, byteLength }: Uint8Array): Int32Array =>
  new Int32Array(buffer, byteOffset, byteLength / 4);
