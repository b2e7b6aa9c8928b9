import { bytesElement } from '../../codecs/bytes-elements.js';
import { tensorFromBytes } from '../../codecs/raw-tensor.js';
import { inputAxis } from '../../core/batch-axes.js';
import { elementBytes } from '../../core/data-type.js';
import { invalidArgument } from '../../core/serving-error.js';
import { elementCount, type Tensor } from '../../core/tensor.js';
import { formatSpec, type TensorSpec } from '../../core/tensor-spec.js';
import type { ModelFacts } from '../../inference/inference-codec.js';
import { describeSpecs, soleInput } from '../signature-lookup.js';

/** Null where the model leaves a size open. */
type Sizes = readonly (number | null)[];

/** A raw request: the whole body is the one input's bytes, of one row; at most one size is left to be found from their number. */
export function readRawInput(bytes: Buffer, { signature, batching }: ModelFacts): ReadonlyMap<string, Tensor> {
  const spec = soleInput(signature);
  if (spec === undefined) {
    throw invalidArgument(
      `a raw request (Inference-Header-Content-Length: 0) needs a model with one input; this one takes ${describeSpecs(signature.inputs)}`,
    );
  }
  const sizes = sizesOfOneRow(spec, inputAxis(batching, spec.name));
  return new Map([
    [spec.name, spec.dataType === 'BYTES' ? readText(bytes, spec, sizes) : readNumbers(bytes, spec, sizes)],
  ]);
}

/** The body is the one element, without a length before it. */
function readText(bytes: Buffer, spec: TensorSpec, sizes: Sizes): Tensor {
  const shape = sizes.map((size) => size ?? 1);
  if (elementCount(shape) !== 1) throw notRaw(spec, 'a raw request of BYTES is a single element');
  return { dataType: 'BYTES', shape, data: [bytesElement(bytes, subjectOf(spec), spec.content)] };
}

function readNumbers(bytes: Buffer, spec: TensorSpec, sizes: Sizes): Tensor {
  const dataType = spec.dataType as keyof typeof elementBytes;
  const unknown = sizes.filter((size) => size === null).length;
  if (unknown > 1) throw notRaw(spec, 'a raw request may leave at most one size, besides the batch, to be found');
  const knownBytes = elementCount(sizes.map((size) => size ?? 1)) * elementBytes[dataType];
  const missing = knownBytes === 0 ? 0 : bytes.length / knownBytes;
  if (unknown === 1 && !Number.isInteger(missing)) {
    throw notRaw(spec, `the body has to be a multiple of ${knownBytes} bytes, got ${bytes.length}`);
  }
  const shape = sizes.map((size) => size ?? missing);
  return tensorFromBytes(bytes, { subject: subjectOf(spec), dataType, shape });
}

function sizesOfOneRow(spec: TensorSpec, batchAxis: number | undefined): Sizes {
  if (spec.shape === null) throw notRaw(spec, 'a raw request needs a known rank');
  return spec.shape.map((size, axis) => (typeof size === 'number' ? size : axis === batchAxis ? 1 : null));
}

const subjectOf = (spec: TensorSpec): string => `input "${spec.name}"`;

const notRaw = (spec: TensorSpec, why: string): Error =>
  invalidArgument(`${subjectOf(spec)} is ${formatSpec(spec)}: ${why}`);
