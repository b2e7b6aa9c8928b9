import type { BatchAxes, Batching } from './model.js';
import type { ModelSignature, TensorSpec } from './tensor-spec.js';

/** The axis along which rows lie in a tensor; undefined where it has none, as all rows share it. */
export const axisOf = (axes: BatchAxes[keyof BatchAxes] | undefined, name: string): number | undefined =>
  axes === undefined ? 0 : axes.get(name);

/** Whether the rows of a request can be told apart. */
export const hasRows = (batching: Batching): boolean => batching.kind !== 'none' || batching.axes !== undefined;

export const inputAxis = (batching: Batching, name: string): number | undefined =>
  hasRows(batching) ? axisOf(batching.axes?.inputs, name) : undefined;

/** The one size that the batch axis has; undefined where it is free, or not known. */
export const fixedRows = (batching: Batching): number | undefined =>
  batching.kind === 'dynamic' ? undefined : batching.rows;

/** Whether rows lie alike; absent is along axis 0 of everything. */
export const sameAxes = (a: BatchAxes | undefined, b: BatchAxes | undefined): boolean =>
  a === b || (a !== undefined && b !== undefined && sameMap(a.inputs, b.inputs) && sameMap(a.outputs, b.outputs));

const sameMap = (a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): boolean =>
  a.size === b.size && [...a].every(([name, axis]) => b.get(name) === axis);

/** The first input or output that has no row for each row of a request, or the model itself; undefined where all have. */
export type Rowless =
  | { readonly kind: 'model'; readonly reason: string }
  | { readonly kind: 'input' | 'output'; readonly name: string };

/** Why requests cannot be made of rows, and answered by rows, for these outputs; undefined where they can. */
export function rowlessPart(
  { signature, batching }: { readonly signature: ModelSignature; readonly batching: Batching },
  outputs: readonly Pick<TensorSpec, 'name'>[] = signature.outputs,
): Rowless | undefined {
  if (batching.kind === 'none' && batching.axes === undefined) return { kind: 'model', reason: batching.reason };
  const { axes } = batching;
  if (axes === undefined) return undefined;
  const input = signature.inputs.find(({ name, optional }) => optional !== true && !axes.inputs.has(name));
  if (input !== undefined) return { kind: 'input', name: input.name };
  const output = outputs.find(({ name }) => !axes.outputs.has(name));
  return output === undefined ? undefined : { kind: 'output', name: output.name };
}
