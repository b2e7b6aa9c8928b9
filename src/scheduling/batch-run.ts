import { axisOf, fixedRows } from '../core/batch-axes.js';
import type { Batch, BatchInput, BatchResult } from '../core/inference-engine.js';
import type { BatchAxes, Batching } from '../core/model.js';
import type { BatchReason } from '../core/serving-observer.js';
import type { NamedTensor } from '../core/tensor.js';
import { formatShape } from '../core/tensor-spec.js';
import type { Chunk } from './active-request.js';
import { paddedRows } from './batch-policy.js';
import { merge, splitRows } from './merge.js';

/** Chunks that are computed together, on their way through an engine. */
export interface BatchRun {
  readonly chunks: readonly Chunk[];
  /** Of all chunks, before padding. */
  readonly rows: number;
  readonly reason: BatchReason;
}

/** Whether the chunk's rows may be laid beside others. */
export const isMergeable = (chunk: Chunk): boolean => chunk.owner.request.mergeable && chunk.rows > 0;

/** Length of the batch axis that the run's rows are laid out to; undefined for a lone request whose tensors go as they came. */
export function laidOutRows(
  { chunks, rows }: BatchRun,
  batching: Batching,
  allowedSizes: readonly number[],
): number | undefined {
  const first = chunks[0] as Chunk;
  const isAlone = batching.kind === 'none' || !isMergeable(first);
  const wanted = fixedRows(batching);
  const { request } = first.owner;
  const isToFill = request.separate === true && wanted !== undefined && rows < wanted;
  if (isAlone && first.rows === request.rows && !isToFill) return undefined;
  return wanted ?? (batching.kind === 'none' || allowedSizes.length === 0 ? rows : paddedRows(rows, allowedSizes));
}

/** What the engine is given: the rows of all chunks end to end, or a lone request's tensors. */
export function composeBatch({ chunks }: BatchRun, laidOut: number | undefined): Batch {
  const outputs = wantedOutputs(chunks);
  const { owner, rows } = chunks[0] as Chunk;
  const isWhole = rows === owner.request.rows;
  const isAsItCame = laidOut === undefined || (chunks.length === 1 && rows === laidOut && isWhole);
  if (isAsItCame) return asBatch(owner.request.inputs, outputs);
  const ranges = chunks.map((chunk) => ({
    inputs: chunk.owner.request.inputs,
    firstRow: chunk.firstRow,
    rows: chunk.rows,
  }));
  return merge(ranges, outputs, laidOut, owner.axes?.inputs);
}

/** The request's tensors as they came. */
export function asBatch(tensors: readonly NamedTensor[], outputs: readonly string[]): Batch {
  const inputs = new Array<BatchInput>(tensors.length);
  for (let at = 0; at < inputs.length; at++) {
    const { name, dataType, shape, data } = tensors[at] as NamedTensor;
    inputs[at] = { name, dataType, shape, parts: [data] };
  }
  return { inputs, outputs };
}

export interface DividedResult {
  /** Each chunk's own outputs, in the chunks' order; undefined where the answer's rows cannot be told apart. */
  readonly parts: readonly (readonly NamedTensor[] | undefined)[];
  /** An output that does not have a row for each row of the run, whatever the trial showed. */
  readonly stray: NamedTensor | undefined;
}

/** A request that ran by itself, whole and without padding, gets the answer as it is. */
export function divideResult(
  { chunks, rows }: BatchRun,
  result: BatchResult,
  laidOut: number | undefined,
): DividedResult {
  const [first] = chunks as readonly [Chunk];
  // Requests that run together are alike in that.
  const axes = first.owner.axes?.outputs;
  let stray: NamedTensor | undefined;
  if (laidOut !== undefined) {
    for (const output of result.outputs) {
      if (output.shape[axisOf(axes, output.name) ?? -1] === laidOut) continue;
      stray = output;
      break;
    }
  }
  const isWhole = first.rows === first.owner.request.rows;
  const isItsOwn = laidOut === undefined || (chunks.length === 1 && isWhole && laidOut === rows);
  const parts: (readonly NamedTensor[] | undefined)[] = [];
  let [names, outputs]: [readonly string[], readonly NamedTensor[]] = [[], []];
  let firstRow = 0;
  for (const { owner, rows: ownRows } of chunks) {
    // Requests that want the same list share one answer to that.
    if (owner.request.outputs !== names) {
      names = owner.request.outputs;
      outputs = pick(result.outputs, names);
    }
    if (isItsOwn) parts.push(outputs);
    else parts.push(stray === undefined ? splitRows(outputs, firstRow, ownRows, axes) : undefined);
    firstRow += ownRows;
  }
  return { parts, stray };
}

/** The outputs of these names, in their order. */
function pick(outputs: readonly NamedTensor[], names: readonly string[]): readonly NamedTensor[] {
  let at = 0;
  while (at < names.length && outputs[at]?.name === names[at]) at++;
  if (at === names.length && at === outputs.length) return outputs;
  return names.flatMap((name) => outputs.find((output) => output.name === name) ?? []);
}

/** Of all the requests; mostly they share one list. */
function wantedOutputs(chunks: readonly Chunk[]): readonly string[] {
  const { outputs } = (chunks[0] as Chunk).owner.request;
  for (const { owner } of chunks) {
    if (owner.request.outputs !== outputs) return [...new Set(chunks.flatMap((chunk) => chunk.owner.request.outputs))];
  }
  return outputs;
}

/** Why the rows of a model must not share runs any more, and how they lie all the same. */
export interface Disproof {
  readonly reason: string;
  readonly axes: BatchAxes;
}

/** What is known of the tensors of a run. */
export interface KnownTensors {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Absent: rows lie along axis 0 of all of them. */
  readonly axes: BatchAxes | undefined;
}

/** An output did not have a row for each of so many rows. */
export function strayOutput({ name, shape }: NamedTensor, rows: number, known: KnownTensors): Disproof {
  const { inputs, outputs } = axesOf(known);
  return {
    reason: `output "${name}" had shape ${formatShape(shape)} for ${rows} rows of input, so it has no batch axis`,
    axes: { inputs, outputs: new Map([...outputs].filter(([output]) => output !== name)) },
  };
}

/** A row of this output was another one alone than in a batch. */
export const disagreement = (output: string, known: KnownTensors): Disproof => ({
  reason: `output "${output}" of a row changes with the rows beside it, as a check of a request's answer showed`,
  axes: axesOf(known),
});

const axesOf = ({ inputs, outputs, axes }: KnownTensors): BatchAxes =>
  axes ?? { inputs: new Map(inputs.map((name) => [name, 0])), outputs: new Map(outputs.map((name) => [name, 0])) };
