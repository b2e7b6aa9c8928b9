import { fromBinary } from '@bufbuild/protobuf';
import { stringFromBytes } from '../../../codecs/bytes-elements.js';
import { numberToBfloat16, numberToHalf } from '../../../codecs/half-float.js';
import { integerRanges, isIntegerType } from '../../../core/data-type.js';
import type { RowLayout } from '../../../core/inference.js';
import { invalidArgument } from '../../../core/serving-error.js';
import { allocate, type Tensor } from '../../../core/tensor.js';
import type { ModelSignature, TensorSpec } from '../../../core/tensor-spec.js';
import type { ModelFacts } from '../../../inference/inference-codec.js';
import { inputLookup, requireInputs } from '../../signature-lookup.js';
import { asInput, requireRows, rowAxis, type SentRows } from '../../tensorflow-serving/row-layout.js';
import type { Feature } from '../schema/tensorflow_pb.js';
import { ClassificationRequestSchema } from '../schema/tensorflow_serving_pb.js';

export interface Examples {
  readonly inputs: ReadonlyMap<string, Tensor>;
  readonly sent: SentRows;
  readonly layout: RowLayout;
}

type Features = Readonly<Record<string, Feature>>;

/** The `input` of `Classify` and `Regress`, whose requests are the same: features are inputs, and those of `context` are every example's. */
export function readExamples(body: Buffer, model: ModelFacts, output: TensorSpec): Examples {
  requireRows(model, 'examples', [output]);
  const rows = rowsOf(body);
  if (rows.length === 0) throw invalidArgument('examples: expected one or more, got none');
  const { signature, batching } = model;
  const named = namedInputs(rows, signature);
  const inputs = new Map<string, Tensor>();
  for (const spec of named) {
    const axis = rowAxis(batching, spec, 'examples');
    inputs.set(spec.name, asInput(tensorOf(rows, spec), spec, axis));
  }
  const { axes } = batching;
  return {
    inputs,
    sent: { count: rows.length, outputAxes: axes?.outputs },
    layout: axes === undefined ? {} : { axes },
  };
}

function rowsOf(body: Buffer): Features[] {
  try {
    const { kind } = fromBinary(ClassificationRequestSchema, body).input ?? {};
    if (kind?.case === undefined) return [];
    const context = kind.case === 'exampleListWithContext' ? kind.value.context?.features?.feature : undefined;
    return kind.value.examples.map(({ features }) => ({ ...context, ...features?.feature }));
  } catch (error) {
    throw invalidArgument(`not a valid request of examples: ${(error as Error).message}`);
  }
}

/** Every example names the same inputs: those of the model, of which only optional ones may be left out. */
function namedInputs(rows: readonly Features[], signature: ModelSignature): TensorSpec[] {
  const specOf = inputLookup(signature);
  const named = signature.inputs.filter(({ name }) => Object.hasOwn(rows[0]!, name));
  for (const [index, row] of rows.entries()) {
    for (const name of Object.keys(row)) specOf(name);
    requireInputs(signature, (name) => Object.hasOwn(row, name), `examples[${index}]`);
    if (Object.keys(row).length !== named.length || !named.every(({ name }) => Object.hasOwn(row, name)))
      throw invalidArgument(`examples[${index}]: names other optional inputs than the first item`);
  }
  return named;
}

/** `[examples, values]`, or `[examples]` where each has one value and the model takes no more. */
function tensorOf(rows: readonly Features[], spec: TensorSpec): Tensor {
  const { name, dataType, shape } = spec;
  const lists = rows.map((row, index) => valuesOf(row[name] as Feature, spec, `examples[${index}]`));
  const width = lists[0]!.length;
  const odd = lists.findIndex(({ length }) => length !== width);
  if (odd !== -1)
    throw invalidArgument(
      `examples[${odd}], input "${name}": expected ${width} values, as the first has, got ${lists[odd]!.length}`,
    );
  const data = allocate(dataType, rows.length * width) as (number | bigint | string)[];
  for (const [index, values] of lists.entries())
    for (const [at, value] of values.entries()) data[index * width + at] = value;
  const sizes = width === 1 && shape?.length === 1 ? [rows.length] : [rows.length, width];
  return { dataType, shape: sizes, data: data as unknown as Tensor['data'] };
}

/** The elements of one feature, in the type that the model takes. */
function valuesOf(
  { kind }: Feature,
  { name, dataType }: TensorSpec,
  where: string,
): readonly (number | bigint | string)[] {
  const subject = `${where}, input "${name}"`;
  if (dataType === 'BYTES') {
    if (kind.case === 'bytesList') return kind.value.value.map((bytes) => stringFromBytes(bytes, subject));
    throw wrongKind(subject, 'bytes_list', dataType, kind.case);
  }
  if (isIntegerType(dataType) || dataType === 'BOOL') {
    if (kind.case !== 'int64List') throw wrongKind(subject, 'int64_list', dataType, kind.case);
    const { min, max } = dataType === 'BOOL' ? { min: 0n, max: 1n } : integerRanges[dataType];
    return kind.value.value.map((value) => {
      if (value < min || value > max)
        throw invalidArgument(`${subject}: ${value} is out of the range of ${dataType}, ${min} to ${max}`);
      return dataType === 'INT64' || dataType === 'UINT64' ? value : Number(value);
    });
  }
  if (kind.case !== 'floatList' && kind.case !== 'int64List')
    throw wrongKind(subject, 'float_list', dataType, kind.case);
  const numbers = Array.from<number | bigint, number>(kind.value.value, Number);
  if (dataType === 'FP16') return numbers.map(numberToHalf);
  return dataType === 'BF16' ? numbers.map(numberToBfloat16) : numbers;
}

const wrongKind = (subject: string, expected: string, dataType: string, got: string | undefined): Error =>
  invalidArgument(
    `${subject}: expected ${expected} (${dataType}), got ${got === undefined ? 'nothing' : got.replace('List', '_list')}`,
  );
