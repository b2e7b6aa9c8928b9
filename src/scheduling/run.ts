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

/** Length of axis 0 that the run's rows are laid out to; undefined for a lone request whose tensors go as they came. */
export function laidOutRows(
  { pieces, rows }: Run,
  batching: Batching,
  allowedSizes: readonly number[],
): number | undefined {
  const first = pieces[0] as Piece;
  if (!isMergeable(first)) return undefined;
  if (batching.kind === 'none') return isWhole(first) ? undefined : rows;
  return batching.kind === 'fixed' ? batching.rows : paddedRows(rows, allowedSizes);
}

/** What the engine is given: the rows of all pieces end to end, or a lone request's tensors. */
export function composeBatch({ pieces }: Run, laidOut: number | undefined): Batch {
  const outputs = unionOf(pieces.map((piece) => piece.owner.request.outputs));
  if (laidOut === undefined) return asBatch((pieces[0] as Piece).owner.request.inputs, outputs);
  const ranges = pieces.map(({ owner, firstRow, rows }) => ({ inputs: owner.request.inputs, firstRow, rows }));
  return merge(ranges, outputs, laidOut);
}

export interface DividedAnswer {
  /** Each piece's own outputs, in the pieces' order; undefined where the answer's rows cannot be told apart. */
  readonly parts: readonly (readonly NamedTensor[] | undefined)[];
  /** An output that does not have a row for each row of the run, whatever the trial showed. */
  readonly stray?: NamedTensor;
}

/** A request that ran by itself, whole and without padding, gets the answer as it is. */
export function divideAnswer(run: Run, answer: BatchResult, laidOut: number | undefined): DividedAnswer {
  const outputsOf = outputsBy(answer);
  const stray =
    laidOut === undefined ? undefined : answer.outputs.find((output) => (output.shape[0] ?? -1) !== laidOut);
  const [first] = run.pieces;
  const isItsOwn = run.pieces.length === 1 && isWhole(first as Piece) && (laidOut ?? run.rows) === run.rows;
  let firstRow = 0;
  const parts = run.pieces.map((piece) => {
    const outputs = outputsOf(piece.owner.request.outputs);
    if (isItsOwn || laidOut === undefined) return outputs;
    const from = firstRow;
    firstRow += piece.rows;
    return stray === undefined ? splitRows(outputs, from, piece.rows) : undefined;
  });
  return { parts, ...(stray !== undefined && { stray }) };
}

/** Picks the outputs of these names; requests that want the same list share one answer to that. */
function outputsBy({ outputs }: BatchResult): (names: readonly string[]) => readonly NamedTensor[] {
  let lastNames: readonly string[] | undefined;
  let lastPicked: readonly NamedTensor[] = [];
  return (names) => {
    if (names !== lastNames) {
      lastNames = names;
      lastPicked = names.flatMap((name) => outputs.find((output) => output.name === name) ?? []);
    }
    return lastPicked;
  };
}

const isWhole = (piece: Piece): boolean => piece.rows === piece.owner.request.rows;

function unionOf(lists: readonly (readonly string[])[]): readonly string[] {
  const first = lists[0] as readonly string[];
  return lists.every((list) => list === first) ? first : [...new Set(lists.flat())];
}
