import type { Batch, BatchResult } from '../core/inference-engine.js';
import type { Batching } from '../core/model.js';
import type { BatchReason } from '../core/serving-observer.js';
import type { NamedTensor } from '../core/tensor.js';
import type { Piece } from './active-request.js';
import { paddedRows } from './batch-policy.js';
import { asBatch, merge, splitRows } from './merge.js';

/** Pieces that are computed together, on their way through an engine. */
export interface Run {
  readonly pieces: readonly Piece[];
  /** Of all pieces, before padding. */
  readonly rows: number;
  readonly reason: BatchReason;
}

/** Whether the piece's rows may be laid beside others. */
export const isMergeable = (piece: Piece): boolean => piece.owner.request.mergeable && piece.rows > 0;

/** What the engine is given: the rows of all pieces end to end, or a lone request's tensors as they came. */
export function composeBatch({ pieces, rows }: Run, batching: Batching, allowedSizes: readonly number[]): Batch {
  const outputs = unionOf(pieces.map((piece) => piece.owner.request.outputs));
  const first = pieces[0] as Piece;
  if (batching.kind === 'none' || !isMergeable(first)) return asBatch(first.owner.request.inputs, outputs);
  const ranges = pieces.map(({ owner, firstRow, rows: length }) => ({
    inputs: owner.request.inputs,
    firstRow,
    rows: length,
  }));
  return merge(ranges, outputs, batching.kind === 'fixed' ? batching.rows : paddedRows(rows, allowedSizes));
}

/**
 * Each piece's own outputs, in the pieces' order; undefined for a piece whose rows the answer does not have (the
 * model does not keep the batch axis, whatever it declares).
 */
export function divideAnswer(
  run: Run,
  answer: BatchResult,
  batching: Batching,
): (readonly NamedTensor[] | undefined)[] {
  const byName = new Map(answer.outputs.map((output) => [output.name, output]));
  let firstRow = 0;
  return run.pieces.map((piece) => {
    const outputs = piece.owner.request.outputs
      .map((name) => byName.get(name))
      .filter((output) => output !== undefined);
    if (batching.kind === 'none' || !isMergeable(piece)) return outputs;
    const from = firstRow;
    firstRow += piece.rows;
    const rowsThere = outputs.every((output) => (output.shape[0] ?? 0) >= run.rows);
    return rowsThere ? splitRows(outputs, from, piece.rows) : undefined;
  });
}

function unionOf(lists: readonly (readonly string[])[]): readonly string[] {
  const first = lists[0] as readonly string[];
  return lists.every((list) => list === first) ? first : [...new Set(lists.flat())];
}
