import type { SignatureFacts } from '../core/model.js';
import { nearestName } from '../core/nearest-name.js';
import { invalidArgument, type ServingError } from '../core/serving-error.js';
import { shownValue } from '../core/short-text.js';
import { formatSpec, type ModelSignature, type TensorSpec } from '../core/tensor-spec.js';
import type { ModelFacts } from '../inference/inference-codec.js';

/** Throws INVALID_ARGUMENT naming the inputs there are. */
export const inputSpec = (signature: ModelSignature, name: string): TensorSpec =>
  signature.inputs.find((spec) => spec.name === name) ?? fail(unknownName('input', name, signature.inputs));

/** As `inputSpec`, for many names of one signature. */
export function inputLookup(signature: ModelSignature): (name: string) => TensorSpec {
  if (signature.inputs.length < indexedFrom) return (name) => inputSpec(signature, name);
  const specs = new Map(signature.inputs.map((spec) => [spec.name, spec]));
  return (name) => specs.get(name) ?? fail(unknownName('input', name, signature.inputs));
}

/** Below so many, looking through them is quicker than an index. */
const indexedFrom = 32;

/** Throws INVALID_ARGUMENT naming the outputs there are. */
export const outputSpec = (signature: ModelSignature, name: string): TensorSpec =>
  signature.outputs.find((spec) => spec.name === name) ?? fail(unknownName('output', name, signature.outputs));

/** Throws INVALID_ARGUMENT for the first input that is neither given nor optional. */
export function requireInputs(signature: ModelSignature, isGiven: (name: string) => boolean, where: string): void {
  const missing = signature.inputs.find((spec) => spec.optional !== true && !isGiven(spec.name));
  if (missing === undefined) return;
  throw invalidArgument(
    `${where}: input "${missing.name}" is missing; the model takes ${describeSpecs(signature.inputs)}`,
  );
}

/** The input that a value without a name is meant for, where there can be only one. */
export function soleInput({ inputs }: Pick<ModelSignature, 'inputs'>): TensorSpec | undefined {
  if (inputs.length === 1) return inputs[0];
  const required = inputs.filter((spec) => spec.optional !== true);
  return required.length === 1 ? required[0] : undefined;
}

/** `"a" FP32[batch, 4], "b" INT64[batch] (optional)`; the first dozen. */
export function describeSpecs(specs: readonly TensorSpec[]): string {
  const some = specs
    .slice(0, 12)
    .map((spec) => `"${spec.name}" ${formatSpec(spec)}${spec.optional === true ? ' (optional)' : ''}`);
  const others = specs.length - some.length;
  return `${some.join(', ') || 'none'}${others > 0 ? ` and ${others} more` : ''}`;
}

function unknownName(kind: 'input' | 'output', name: string, specs: readonly TensorSpec[]): ServingError {
  const nearest = nearestName(
    name,
    specs.map((spec) => spec.name),
  );
  const hint = nearest === undefined ? '' : ` (did you mean "${nearest}"?)`;
  return invalidArgument(
    `the model has no ${kind} ${shownValue(name)}${hint}; its ${kind}s are ${describeSpecs(specs)}`,
  );
}

function fail(error: ServingError): never {
  throw error;
}

/** Which of a model's signatures a request means, and what is to be known of it. */
export interface MeantSignature {
  readonly facts: SignatureFacts;
  readonly signature: 'tensors' | undefined;
}

/** An input of a request, before it is known what it means. */
export interface GivenInput {
  /** Undefined for a value without one. */
  readonly name: string | undefined;
  /** Whether its values are numbers. */
  readonly isNumeric: boolean;
}

/**
 * A model with a task takes its graph's own tensors, too. `said`: what the request calls the signature. Nobody has to choose:
 * the inputs' names tell, and where both have such an input, or a value has no name, numbers are the graph's.
 */
export function meantSignature(model: ModelFacts, given: readonly GivenInput[], said?: string): MeantSignature {
  const { tensors, signature } = model;
  if (tensors === undefined) return { facts: model, signature: undefined };
  const inputOf = ({ inputs }: Pick<ModelSignature, 'inputs'>, { name }: GivenInput): TensorSpec | undefined =>
    name === undefined ? soleInput({ inputs }) : inputs.find((input) => input.name === name);
  const isOfGraph = (input: GivenInput): boolean => {
    const [ofGraph, ofTask] = [inputOf(tensors.signature, input), inputOf(signature, input)];
    if (ofGraph === undefined) return false;
    if (ofTask === undefined) return input.name !== undefined;
    return input.isNumeric && ofTask.dataType === 'BYTES' && ofGraph.dataType !== 'BYTES';
  };
  return said === 'tensors' || given.some(isOfGraph)
    ? { facts: tensors, signature: 'tensors' }
    : { facts: model, signature: undefined };
}
