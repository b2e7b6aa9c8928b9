import type { InferenceRequest } from '../core/inference.js';
import type { Batching } from '../core/model.js';
import { nearestName } from '../core/nearest-name.js';
import { invalidArgument } from '../core/serving-error.js';
import { elementCount, type NamedTensor, type Tensor } from '../core/tensor.js';
import { type Dimension, formatShape, formatSpec, type ModelSignature, type TensorSpec } from '../core/tensor-spec.js';

export interface ValidInputs {
  /** The inputs present, in the signature's order. */
  readonly inputs: readonly NamedTensor[];
  /** Output names in the order of the answer. */
  readonly outputs: readonly string[];
  /** Length of the batch axis; 1 where there is none. */
  readonly rows: number;
  /** Whether the rows may be cut apart and laid beside other requests' rows. */
  readonly mergeable: boolean;
}

/** What a loaded version asks of its requests. */
export interface ServingContract {
  readonly signature: ModelSignature;
  readonly batching: Batching;
  /** Names of all outputs, in order. */
  readonly allOutputs: readonly string[];
}

/**
 * Holds a request against the model's signature. Throws INVALID_ARGUMENT that names the input, what was expected,
 * what came and a shape that would do. `allOutputs` is given back as it is when the request names none.
 */
export function validateInputs(
  request: Pick<InferenceRequest, 'inputs' | 'outputs'>,
  { signature, batching, allOutputs }: ServingContract,
): ValidInputs {
  refuseUnknownInputs(request.inputs, signature);
  const inputs: NamedTensor[] = [];
  let symbols: Map<string, Binding> | undefined;
  let rows: number | undefined;
  let mergeable = batching.kind !== 'none';
  for (const spec of signature.inputs) {
    const tensor = request.inputs.get(spec.name);
    if (tensor === undefined) {
      if (spec.optional === true) continue;
      throw missing(spec, signature);
    }
    checkTensor(spec, tensor, batching.kind === 'fixed');
    symbols = bindSymbols(spec, tensor, symbols, batching.kind !== 'none');
    inputs.push({ name: spec.name, dataType: tensor.dataType, shape: tensor.shape, data: tensor.data });
    const length = tensor.shape[0];
    // A default that is overridden is a parameter of the whole request (a threshold, say). Inputs of different
    // length, or without the axis, may still be right for the model, as they came.
    if (spec.optional === true || length === undefined || (rows !== undefined && rows !== length)) mergeable = false;
    else rows = length;
  }
  return {
    inputs,
    outputs: request.outputs === undefined ? allOutputs : checkedOutputs(request.outputs, signature),
    rows: batching.kind === 'none' ? 1 : (rows ?? 1),
    mergeable,
  };
}

function refuseUnknownInputs(given: ReadonlyMap<string, Tensor>, signature: ModelSignature): void {
  for (const name of given.keys()) {
    if (signature.inputs.some((spec) => spec.name === name)) continue;
    const names = signature.inputs.map((spec) => spec.name);
    const nearest = nearestName(name, names);
    const hint = nearest === undefined ? `its inputs are ${quoted(names)}` : `did you mean "${nearest}"?`;
    throw invalidArgument(`the model has no input "${name}"; ${hint}`);
  }
}

const missing = (spec: TensorSpec, signature: ModelSignature): Error =>
  invalidArgument(
    `input "${spec.name}" is missing: expected ${formatSpec(spec)}; the model's inputs are ${quoted(signature.inputs.map((input) => input.name))}`,
  );

function checkTensor(spec: TensorSpec, tensor: Tensor, anyBatch: boolean): void {
  if (tensor.dataType !== spec.dataType) throw mismatch(spec, tensor, `expected type ${spec.dataType}`);
  if (elementCount(tensor.shape) !== tensor.data.length) {
    throw mismatch(
      spec,
      tensor,
      `its shape takes ${elementCount(tensor.shape)} values, ${tensor.data.length} were given`,
    );
  }
  checkRange(spec, tensor);
  if (spec.shape === null) return;
  if (tensor.shape.length !== spec.shape.length) {
    throw mismatch(spec, tensor, `expected ${spec.shape.length} dimensions, got ${tensor.shape.length}`);
  }
  for (let axis = 0; axis < spec.shape.length; axis++) {
    const expected = spec.shape[axis];
    if (typeof expected !== 'number' || expected === tensor.shape[axis] || (axis === 0 && anyBatch)) continue;
    throw mismatch(spec, tensor, `expected ${expected} in dimension ${axis}, got ${tensor.shape[axis]}`);
  }
}

/** Integers that the model's own type is too narrow for (int4 carried as INT8). */
function checkRange({ name, range }: TensorSpec, { data }: Tensor): void {
  if (range === undefined) return;
  for (let index = 0; index < data.length; index++) {
    const value = data[index] as number | bigint;
    if (value >= range.min && value <= range.max) continue;
    throw invalidArgument(
      `input "${name}" at position ${index}: expected an integer from ${range.min} to ${range.max}, got ${value}`,
    );
  }
}

function mismatch(spec: TensorSpec, tensor: Tensor, what: string): Error {
  const came = `${tensor.dataType}[${tensor.shape.join(', ')}]`;
  const example = spec.shape === null ? '' : `, for example ${spec.dataType}${formatShape(exampleShape(spec.shape))}`;
  return invalidArgument(
    `input "${spec.name}": ${what}; the model takes ${formatSpec(spec)}${example}, the request has ${came}`,
  );
}

const exampleShape = (shape: readonly Dimension[]): number[] =>
  shape.map((size) => (typeof size === 'number' ? size : 1));

interface Binding {
  readonly size: number;
  readonly input: string;
  readonly axis: number;
}

/**
 * Equal names of dimensions mean equal sizes. The batch axis is left to the scheduler. Gives back the bindings, which
 * most models have no need of.
 */
function bindSymbols(
  spec: TensorSpec,
  tensor: Tensor,
  known: Map<string, Binding> | undefined,
  batched: boolean,
): Map<string, Binding> | undefined {
  if (spec.shape === null) return known;
  let symbols = known;
  for (let axis = batched ? 1 : 0; axis < spec.shape.length; axis++) {
    const symbol = spec.shape[axis];
    if (typeof symbol !== 'string') continue;
    symbols ??= new Map();
    const size = tensor.shape[axis] as number;
    const bound = symbols.get(symbol);
    if (bound === undefined) symbols.set(symbol, { size, input: spec.name, axis });
    else if (bound.size !== size) {
      const earlier = `dimension ${bound.axis} of input "${bound.input}" is ${bound.size}`;
      throw mismatch(spec, tensor, `dimension ${axis} ("${symbol}") is ${size}, but ${earlier} and both must agree`);
    }
  }
  return symbols;
}

function checkedOutputs(names: readonly string[], signature: ModelSignature): readonly string[] {
  const known = signature.outputs.map((spec) => spec.name);
  for (const [index, name] of names.entries()) {
    if (!known.includes(name)) {
      const nearest = nearestName(name, known);
      const hint = nearest === undefined ? `its outputs are ${quoted(known)}` : `did you mean "${nearest}"?`;
      throw invalidArgument(`the model has no output "${name}"; ${hint}`);
    }
    if (names.indexOf(name) !== index) throw invalidArgument(`output "${name}" is asked for twice`);
  }
  return names;
}

const quoted = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(', ');
