import { hasRows } from '../../core/batch-axes.js';
import { floatValues } from '../../core/half-values.js';
import type { InferenceRequest } from '../../core/inference.js';
import type { TokenSequence } from '../../core/preparation.js';
import type { Inference, Servable } from '../../core/servable.js';
import type { NamedTensor } from '../../core/tensor.js';
import type { HeadRow } from '../../tasks/text/text-head.js';
import { firstToken, tokenTensors } from '../../tasks/text/token-tensors.js';
import type { TextTaskParts } from './text-task.js';

export interface TokenRun {
  readonly sequences: readonly TokenSequence[];
  /** Of each row. */
  readonly length: number;
}

type RunParts = Pick<TextTaskParts, 'inputs' | 'output' | 'padding'>;

/** Who asks, and how long. */
export type RunInterest = Pick<InferenceRequest, 'signal' | 'deadlineMs' | 'priority' | 'caller' | 'trace'>;

/** Runs sequences side by side, each as if it were alone. Gives a row for each of them, in order. */
export async function runTokens(
  inner: Servable,
  { inputs, output, padding }: RunParts,
  { sequences, length }: TokenRun,
  { signal, deadlineMs, priority, caller, trace }: RunInterest,
  onRun?: (inference: Inference) => void,
): Promise<HeadRow[]> {
  const { batching } = inner.description;
  const request: InferenceRequest = {
    inputs: tokenTensors(sequences, { inputs, length, padding }),
    outputs: [output],
    separateRows: hasRows(batching) ? { axes: batching.axes } : undefined,
    signal,
    deadlineMs,
    priority,
    caller,
    trace,
  };
  const inference = await new Promise<Inference>((completed, failed) => inner.infer(request, { completed, failed }));
  onRun?.(inference);
  const rows = inference.outputs.flatMap(rowsOf);
  if (rows.length !== sequences.length) {
    throw new Error(`the output "${output}" has ${rows.length} rows for ${sequences.length} texts`);
  }
  return rows.map(({ values, width }, row) => {
    const sequence = sequences[row] as TokenSequence;
    return { values, width, sequence, from: firstToken(sequence.ids.length, { length, padding }) };
  });
}

function rowsOf({ name, dataType, shape, data }: NamedTensor): { values: ArrayLike<number>; width: number }[] {
  const values = floatValues({ dataType, data });
  if (values === undefined) {
    throw new Error(
      `the output "${name}" is ${dataType}; tasks read floating-point numbers: export the model with such`,
    );
  }
  const [rows = 0, ...rest] = shape;
  const size = rest.reduce((product, one) => product * one, 1);
  return Array.from({ length: rows }, (_, row) => ({
    values: values.subarray(row * size, (row + 1) * size),
    width: rest.at(-1) ?? 1,
  }));
}
