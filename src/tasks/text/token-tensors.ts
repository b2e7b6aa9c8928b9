import type { DataType } from '../../core/data-type.js';
import type { TokenSequence } from '../../core/preparation.js';
import { allocate, elementCount, type Tensor } from '../../core/tensor.js';
import type { GraphInput } from './graph-inputs.js';

export interface Padding {
  readonly id: number;
  readonly side: 'left' | 'right';
}

export interface TokenTensorsOptions {
  readonly inputs: readonly GraphInput[];
  /** Of each row. */
  readonly length: number;
  readonly padding: Padding;
}

type Tokens = Pick<TokenSequence, 'ids' | 'typeIds'>;

/** Where a sequence's first token lies in its row. */
export const firstToken = (
  tokens: number,
  { length, padding }: Pick<TokenTensorsOptions, 'length' | 'padding'>,
): number => (padding.side === 'left' ? length - tokens : 0);

/** The inputs of the graph for these sequences, a row each. What is filled up has mask, type and position 0. */
export function tokenTensors(sequences: readonly Tokens[], options: TokenTensorsOptions): Map<string, Tensor> {
  const { inputs, length, padding } = options;
  const shape = [sequences.length, length];
  return new Map(
    inputs.map(({ name, role, dataType, pastShape = [] }): [string, Tensor] => {
      if (role === 'no-cache') return [name, zeros(dataType, [1])];
      if (role === 'past') return [name, zeros(dataType, [sequences.length, ...pastShape])];
      const tensor = zeros(dataType, shape);
      const { words, stride } = cellsOf(tensor);
      if (role === 'ids' && padding.id !== 0) {
        for (let at = 0; at < words.length; at += stride) words[at] = padding.id;
      }
      for (const [row, { ids, typeIds }] of sequences.entries()) {
        const from = row * length + firstToken(ids.length, options);
        for (let at = 0; at < ids.length; at++) {
          // As text-embeddings-inference has it, positions count from the row's begin.
          const value =
            role === 'ids' ? ids[at] : role === 'types' ? typeIds[at] : role === 'mask' ? 1 : from - row * length + at;
          words[stride * (from + at)] = value as number;
        }
      }
      return [name, tensor];
    }),
  );
}

const zeros = (dataType: DataType, shape: readonly number[]): Tensor => ({
  dataType,
  shape,
  data: allocate(dataType, elementCount(shape)),
});

interface Cells {
  readonly words: Int32Array;
  /** Words of a number. */
  readonly stride: number;
}

/** INT64 is written as pairs of 32 bits: no number here is negative, and none needs more. */
function cellsOf({ dataType, data }: Tensor): Cells {
  if (dataType !== 'INT64') return { words: data as Int32Array, stride: 1 };
  const { buffer, byteOffset, length } = data as BigInt64Array;
  return { words: new Int32Array(buffer, byteOffset, 2 * length), stride: 2 };
}
