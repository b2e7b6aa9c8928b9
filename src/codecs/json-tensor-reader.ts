import { type DataType, elementBytes } from '../core/data-type.js';
import { invalidArgument } from '../core/serving-error.js';
import { allocate, type Tensor, type TensorData, viewOf } from '../core/tensor.js';
import { decodeBase64 } from './base64.js';
import { extentOf, type JsonDocument, type JsonNode } from './json-document.js';
import { base64Of } from './json-element.js';
import { tensorFromBytes } from './raw-tensor.js';
import { Nesting, TensorFiller } from './tensor-filler.js';
import { expectedElements, type ShapedTarget, type TensorTarget } from './tensor-target.js';

/**
 * A tensor whose shape is the nesting of the arrays. Integer types take integers in their range (1.0 is none; 64-bit
 * ones also as strings of digits), floats take numbers in their range, NaN, Infinity and -Infinity (also as strings) and
 * `null` for NaN, rounded once to the type; BOOL takes true and false; BYTES takes strings and `{"b64"}` of UTF-8.
 */
export function readTensor(document: JsonDocument, node: JsonNode, target: TensorTarget): Tensor {
  const data = smallArrays.allocate(target.dataType, countElements(document, node));
  const filler = new TensorFiller(document, target, new Nesting(target.subject), data);
  filler.read(node);
  return filler.tensor();
}

/**
 * As `readTensor`, of a given shape: `node` holds exactly its elements in row-major order, flat or nested in any way.
 * Numeric types may also come as `{"b64"}` of their raw little-endian bytes.
 */
export function readTensorOfShape(document: JsonDocument, node: JsonNode, target: ShapedTarget): Tensor {
  const { subject, dataType, shape } = target;
  const expected = expectedElements(target);
  const encoded = dataType === 'BYTES' ? undefined : base64Of(node);
  if (encoded !== undefined) return tensorFromBytes(decodeBase64(encoded, subject), target);
  const count = countElements(document, node);
  if (count !== expected) {
    throw invalidArgument(`${subject}: shape [${shape.join(', ')}] needs ${expected} elements, got ${count}`);
  }
  const data = smallArrays.allocate(dataType, count);
  const filler = new TensorFiller(document, target, new Nesting(subject, { flat: true }), data);
  filler.read(node);
  return filler.tensor(shape);
}

/** As `readTensor` for each of `nodes`, which become the rows of one tensor: all of one shape. */
export function readRows(document: JsonDocument, nodes: readonly JsonNode[], target: TensorTarget): Tensor {
  const count = nodes.reduce<number>((sum, node) => sum + countElements(document, node), 0);
  const nesting = new Nesting(target.subject);
  const filler = new TensorFiller(document, target, nesting, smallArrays.allocate(target.dataType, count));
  nesting.open();
  for (const node of nodes) filler.read(node);
  nesting.close();
  return filler.tensor();
}

function countElements(document: JsonDocument, node: JsonNode): number {
  if (typeof node === 'number') return extentOf(document, node).count;
  if (!Array.isArray(node)) return 1;
  return node.reduce<number>((sum, item) => sum + countElements(document, item), 0);
}

const slabBytes = 65_536;
const smallBytes = 4096;
const alignment = 8;

/**
 * Allocates arrays, the small ones side by side in one piece of memory. A small typed array of its own lies inside the
 * JavaScript heap until somebody asks for its bytes, as the way to the engine does, and moving it out then costs several
 * times more than all else that is done with it.
 */
export class SmallArrays {
  #slab = new ArrayBuffer(slabBytes);
  #used = 0;

  /** `length` elements, zeroed; strings: empty ones. */
  allocate(dataType: DataType, length: number): TensorData {
    if (dataType === 'BYTES') return allocate(dataType, length);
    const size = length * elementBytes[dataType];
    if (size > smallBytes) return allocate(dataType, length);
    if (this.#used + size > slabBytes) {
      this.#slab = new ArrayBuffer(slabBytes);
      this.#used = 0;
    }
    const array = viewOf(dataType, this.#slab, this.#used, length);
    this.#used += Math.ceil(size / alignment) * alignment;
    return array;
  }
}

/** No two arrays that it gives out share an element. */
const smallArrays = new SmallArrays();
