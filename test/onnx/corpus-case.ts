import { readFileSync } from 'node:fs';
import { numberToHalf } from '../../src/codecs/half-float.js';
import type { DataType } from '../../src/core/data-type.js';
import { allocate, type Tensor, type TensorData } from '../../src/core/tensor.js';
import type { ModelSignature, TensorSpec } from '../../src/core/tensor-spec.js';
import { smallFloatValue } from './small-floats.js';

/** A value as the corpus writes it. Integers of 64 bits are strings of digits here. */
export type CaseValue = CaseTensor | CaseSequence | CaseOptional | CaseMaps;

export interface CaseTensor {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
  readonly data: readonly (number | string | boolean)[];
}

interface CaseSequence {
  readonly name: string;
  readonly kind: 'sequence';
  readonly elements: readonly CaseTensor[];
}

interface CaseOptional {
  readonly name: string;
  readonly kind: 'optional';
  readonly value: CaseTensor | CaseSequence | null;
}

interface CaseMaps {
  readonly name: string;
  readonly kind: 'sequence_of_map';
  readonly elements: readonly Readonly<Record<string, number>>[];
}

/** JSON whose integers beyond 2^53 become strings instead of losing digits. */
export const readExactJson = (path: string): unknown =>
  JSON.parse(readFileSync(path, 'utf8').replace(/(?<=[[,:\s])-?\d{16,}(?=[\],}\s])/g, '"$&"'));

/** What the served model takes for the case's inputs. */
export function givenFor(signature: ModelSignature, values: readonly CaseValue[]): Record<string, Tensor> {
  return Object.assign({}, ...values.map((value) => servedForm(signature.inputs, value)));
}

/** What the served model is to answer for the case's outputs. */
export function expectedFor(signature: ModelSignature, values: readonly CaseValue[]): Record<string, Tensor> {
  return Object.assign({}, ...values.map((value) => servedForm(signature.outputs, value)));
}

/** A value in the form that the signature gives it: one tensor, or two for a sequence. */
function servedForm(specs: readonly TensorSpec[], value: CaseValue): Record<string, Tensor> {
  const spec = specs.find(({ name }) => name === value.name);
  if (spec === undefined) throw new Error(`the signature has no "${value.name}"`);
  if (!('kind' in value)) return { [value.name]: tensorOf(spec.dataType, value.shape, valuesOf(value)) };
  switch (value.kind) {
    case 'optional':
      return value.value === null ? {} : servedForm(specs, { ...value.value, name: value.name });
    case 'sequence':
      return sequenceForm(specs, spec, value);
    case 'sequence_of_map': {
      const labels = spec.classLabels ?? [];
      const data = value.elements.flatMap((row) => labels.map((label) => row[String(label)] ?? Number.NaN));
      return { [value.name]: tensorOf(spec.dataType, [value.elements.length, labels.length], data) };
    }
  }
}

function sequenceForm(specs: readonly TensorSpec[], spec: TensorSpec, value: CaseSequence): Record<string, Tensor> {
  const { name, elements } = value;
  const data = elements.flatMap(valuesOf);
  const shapes = specs.find((candidate) => candidate.name === `${name}_shapes`);
  if (shapes === undefined) {
    const element = elements[0]?.shape ?? (spec.shape ?? []).slice(1).map(Number);
    return { [name]: tensorOf(spec.dataType, [elements.length, ...element], data) };
  }
  const rank = elements[0]?.shape.length ?? 1;
  const sizes = elements.flatMap(({ shape }) => shape);
  return {
    [name]: tensorOf(spec.dataType, [data.length], data),
    [shapes.name]: tensorOf('INT64', [elements.length, rank], sizes),
  };
}

const valuesOf = ({ datatype, data }: CaseTensor): CaseTensor['data'] =>
  data.map((element) => smallFloatValue(datatype, element));

function tensorOf(dataType: DataType, shape: readonly number[], values: CaseTensor['data']): Tensor {
  if (dataType === 'BYTES') return { dataType, shape, data: values.map(String) };
  const data = allocate(dataType, values.length) as Exclude<TensorData, readonly string[]>;
  values.forEach((value, index) => {
    if (dataType === 'INT64' || dataType === 'UINT64') data[index] = BigInt(value);
    else data[index] = dataType === 'FP16' ? numberToHalf(Number(value)) : Number(value);
  });
  return { dataType, shape, data };
}
