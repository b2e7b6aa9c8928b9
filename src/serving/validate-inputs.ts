import { axisOf, fixedRows, hasRows, sameAxes } from '../core/batch-axes.js';
import type { InferenceRequest } from '../core/inference.js';
import type { BatchAxes, Batching } from '../core/model.js';
import { nearestName } from '../core/nearest-name.js';
import { firstWithNul } from '../core/packed-strings.js';
import { invalidArgument, ServingError } from '../core/serving-error.js';
import { dataBytes, elementCount, isStrings, type NamedTensor, type Tensor } from '../core/tensor.js';
import { type Dimension, formatShape, formatSpec, type ModelSignature, type TensorSpec } from '../core/tensor-spec.js';
import { mostSharedBytes } from '../scheduling/request-queue.js';
import { isAlongFirstAxis } from './proof/candidate-axes.js';

export interface ValidInputs {
  /** The inputs present, in the signature's order. */
  readonly inputs: readonly NamedTensor[];
  /** Output names in the order of the answer. */
  readonly outputs: readonly string[];
  /** Length of the batch axis; 1 where the request is one thing. */
  readonly rows: number;
  /** Whether the rows may be cut apart and laid beside other requests' rows. */
  readonly mergeable: boolean;
  /** Whether each row may be run by itself and answered by its own. */
  readonly separate: boolean;
  /** Two sizes to which the model gives one name, and which differ; undefined where all agree. */
  readonly disagreement: string | undefined;
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
  request: Pick<InferenceRequest, 'inputs' | 'outputs' | 'separateRows'>,
  { signature, batching, allOutputs }: ServingContract,
): ValidInputs {
  const outputs = request.outputs === undefined ? allOutputs : checkedOutputs(request.outputs, signature);
  const { separateRows } = request;
  const { axes } = batching;
  if (separateRows !== undefined && separateRows.axes !== axes && !layAlike(separateRows.axes, axes, signature))
    throw relaid();
  const filledTo = fixedRows(batching);
  const inputs: NamedTensor[] = [];
  let symbols: Symbols | undefined;
  let rows: number | undefined;
  // An output without rows belongs to all rows that ran together.
  let isRowwise = hasRows(batching) && (axes === undefined || outputs.every((name) => axes.outputs.has(name)));
  let mergeable = batching.kind !== 'none';
  for (const spec of signature.inputs) {
    const tensor = request.inputs.get(spec.name);
    if (tensor === undefined) {
      if (spec.optional === true) continue;
      rejectUnknownInputs(request.inputs, signature);
      throw missing(spec, signature);
    }
    const axis = axisOf(axes?.inputs, spec.name);
    checkTensor(spec, tensor, filledTo === undefined ? undefined : axis);
    symbols = bindSymbols(spec, tensor, symbols, batching.kind !== 'none' && axes === undefined);
    inputs.push({ name: spec.name, dataType: tensor.dataType, shape: tensor.shape, data: tensor.data });
    if (axis === undefined) {
      mergeable &&= isComparable(spec, tensor);
      continue;
    }
    if (spec.optional === true && axes === undefined) {
      // A default that is overridden is a parameter of the whole request (a threshold, say).
      mergeable = false;
      if (separateRows === undefined) continue;
    }
    const length = tensor.shape[axis];
    // Inputs of different length, or without the axis, may still be right for the model, as they came.
    if (length === undefined || (rows !== undefined && rows !== length)) isRowwise = false;
    else rows = length;
  }
  if (inputs.length < request.inputs.size) rejectUnknownInputs(request.inputs, signature);
  isRowwise &&= rows !== undefined;
  const disagreement = symbols?.disagreement;
  mergeable &&= isRowwise && disagreement === undefined;
  // Other numbers of rows than a run has are cut and filled up, which without a proof means one by one.
  const isCut = batching.kind === 'none' && filledTo !== undefined && isRowwise && rows !== filledTo;
  const separate = separateRows !== undefined || isCut;
  if (separate && !isRowwise) throw rowless(batching);
  const counted = batching.kind === 'none' && !separate ? 1 : (rows ?? 1);
  return { inputs, outputs, rows: counted, mergeable, separate, disagreement };
}

/** Rows along the first axis of everything may be said in two ways. */
function layAlike(a: BatchAxes | undefined, b: BatchAxes | undefined, signature: ModelSignature): boolean {
  const only = a === undefined ? b : b === undefined ? a : undefined;
  return only === undefined ? sameAxes(a, b) : isAlongFirstAxis(only, signature);
}

/** A trial or an answer showed, between the reading of the request and now, that rows lie otherwise. */
const relaid = (): ServingError =>
  new ServingError('UNAVAILABLE', 'how the rows of this model lie was found out only now; send the request again');

function rowless(batching: Batching): ServingError {
  const isKnown = batching.kind !== 'none' || batching.axes !== undefined;
  const why = isKnown ? 'an input or output has no axis for rows' : batching.reason;
  return invalidArgument(`the model does not answer row by row: ${why}; send its tensors whole`);
}

/** Whether requests can be told to be alike in an input that all their rows share. */
const isComparable = ({ optional }: TensorSpec, { data }: Tensor): boolean =>
  optional !== true && dataBytes(data) <= mostSharedBytes;

function rejectUnknownInputs(given: ReadonlyMap<string, Tensor>, signature: ModelSignature): void {
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

/** `anyAxis` may have any size. */
function checkTensor(spec: TensorSpec, tensor: Tensor, anyAxis: number | undefined): void {
  if (tensor.dataType !== spec.dataType) throw mismatch(spec, tensor, `expected type ${spec.dataType}`);
  if (elementCount(tensor.shape) !== tensor.data.length) {
    throw mismatch(
      spec,
      tensor,
      `its shape takes ${elementCount(tensor.shape)} values, ${tensor.data.length} were given`,
    );
  }
  if (spec.range !== undefined) checkRange(spec.name, spec.range, tensor);
  if (tensor.dataType === 'BYTES') checkStrings(spec.name, tensor);
  if (spec.shape === null) return;
  if (tensor.shape.length !== spec.shape.length) {
    throw mismatch(spec, tensor, `expected ${spec.shape.length} dimensions, got ${tensor.shape.length}`);
  }
  for (let axis = 0; axis < spec.shape.length; axis++) {
    const expected = spec.shape[axis];
    if (typeof expected !== 'number' || expected === tensor.shape[axis] || axis === anyAxis) continue;
    throw mismatch(spec, tensor, `expected ${expected} in dimension ${axis}, got ${tensor.shape[axis]}`);
  }
}

/** The engine cuts strings at NUL. */
function checkStrings(name: string, { shape, data }: Tensor): void {
  const first = isStrings(data) ? firstWithNul(data) : -1;
  if (first < 0) return;
  let left = first;
  const place = shape.toReversed().map((size) => {
    const index = left % size;
    left = Math.floor(left / size);
    return index;
  });
  const where = `input "${name}" at [${place.toReversed().join(', ')}]`;
  throw invalidArgument(`${where}: the string holds a NUL character, which the engine cannot take`);
}

/** Integers that the model's own type is too narrow for (int4 carried as INT8). */
function checkRange(name: string, range: NonNullable<TensorSpec['range']>, { data }: Tensor): void {
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

/** The sizes that a request gives to the names of dimensions. */
interface Symbols {
  readonly bindings: Map<string, Binding>;
  /** The first two of one name that differ. */
  disagreement: string | undefined;
}

/**
 * Equal names of dimensions mean equal sizes, but not to the engine, which takes what its operators take: exporters give
 * names by mistake, too. A batch axis that leads everywhere is left to the scheduler. Gives back the symbols, which most
 * models have no need of. What an expression (`a + b`) would give is not asked for: exporters write it of the usual
 * call, and right ones differ from it (a decoder's first step with a dummy past that its mask does not cover).
 */
function bindSymbols(
  spec: TensorSpec,
  tensor: Tensor,
  known: Symbols | undefined,
  batchLeads: boolean,
): Symbols | undefined {
  if (spec.shape === null) return known;
  let symbols = known;
  for (let axis = batchLeads ? 1 : 0; axis < spec.shape.length; axis++) {
    const symbol = spec.shape[axis];
    if (typeof symbol !== 'string') continue;
    symbols ??= { bindings: new Map(), disagreement: undefined };
    const size = tensor.shape[axis] as number;
    const bound = symbols.bindings.get(symbol);
    if (bound === undefined) symbols.bindings.set(symbol, { size, input: spec.name, axis });
    else if (bound.size !== size) {
      const earlier = `dimension ${bound.axis} of input "${bound.input}" is ${bound.size}`;
      symbols.disagreement ??= `dimension ${axis} of input "${spec.name}" is ${size}, but ${earlier}, and the model calls both "${symbol}"`;
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
