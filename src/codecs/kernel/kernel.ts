import { type DataType, elementBytes } from '../../core/data-type.js';
import { viewOf } from '../../core/tensor.js';
import { kernelCode } from './kernel-code.js';
import { powersOfTen, widePowersOfTen } from './power-tables.js';

/** What `assembly/numbers/index.ts` exports. Addresses are indexes into `memory`. */
interface KernelExports {
  readonly memory: WebAssembly.Memory;
  readonly input: WebAssembly.Global;
  readonly inputSize: WebAssembly.Global;
  readonly elements: WebAssembly.Global;
  readonly output: WebAssembly.Global;
  readonly outputSize: WebAssembly.Global;
  readonly token: WebAssembly.Global;
  readonly tokenSize: WebAssembly.Global;
  readonly secondResult: WebAssembly.Global;
  readonly powersOfTen: WebAssembly.Global;
  readonly widePowers: WebAssembly.Global;
  scan(from: number, end: number, maxDepth: number, isStart: boolean): number;
  read(from: number, end: number, elementType: number): number;
  write(from: number, count: number, elementType: number, to: number, nonFinite: number): number;
}

/** The types it reads and writes, by its own numbers for them. */
export const kernelTypes = {
  INT8: 0,
  INT16: 1,
  INT32: 2,
  INT64: 3,
  UINT8: 4,
  UINT16: 5,
  UINT32: 6,
  UINT64: 7,
  FP16: 8,
  BF16: 9,
  FP32: 10,
  FP64: 11,
} as const satisfies Partial<Record<DataType, number>>;

export type KernelType = keyof typeof kernelTypes;

export const isKernelType = (type: DataType): type is KernelType => type in kernelTypes;

/**
 * The one instance of the numeric kernel. Its memory is scratch: what a call leaves there counts for nothing once
 * that call, which never yields, has returned. Only `show` in json-numbers remembers what it put there.
 */
export const kernel = (() => {
  const module = new WebAssembly.Module(Buffer.from(kernelCode, 'base64'));
  const exports = new WebAssembly.Instance(module).exports as KernelExports;
  const { buffer } = exports.memory;
  new Float64Array(buffer, exports.powersOfTen.value).set(powersOfTen());
  new BigUint64Array(buffer, exports.widePowers.value).set(widePowersOfTen());
  return {
    buffer,
    memory: Buffer.from(buffer),
    input: exports.input.value,
    inputSize: exports.inputSize.value,
    elements: exports.elements.value,
    output: exports.output.value,
    outputSize: exports.outputSize.value,
    token: exports.token.value,
    tokenSize: exports.tokenSize.value,
    scan: exports.scan,
    read: exports.read,
    write: exports.write,
    /** The last call's: one element. */
    secondResult: new Uint32Array(buffer, exports.secondResult.value, 1),
  };
})();

/** Any of the typed arrays, two that are copied between always of the same type; BigInts pass like numbers. */
export type Elements = Float64Array;

/** `size` bytes of the kernel's memory from `address` on, as elements, by the kernel's numbers for the types. */
export const elementViews = (address: number, size: number): readonly Elements[] =>
  (Object.keys(kernelTypes) as KernelType[]).map(
    (type) => viewOf(type, kernel.buffer, address, size / elementBytes[type]) as Elements,
  );

/** Up to this many elements are copied one by one faster than by setting up a view. */
const fewElements = 48;

/**
 * Copies `count` elements between two arrays of the same type. A loop for each of the usual types: one that sees
 * several types in its life is several times slower for all of them.
 */
export function copyElements(from: Elements, fromIndex: number, count: number, into: Elements, index: number): void {
  if (count > fewElements) into.set(from.subarray(fromIndex, fromIndex + count), index);
  else if (from instanceof Float32Array) {
    const [source, target] = [from as Float32Array, into as unknown as Float32Array];
    for (let i = 0; i < count; i++) target[index + i] = source[fromIndex + i] as number;
  } else if (from instanceof BigInt64Array) {
    const [source, target] = [from as BigInt64Array, into as unknown as BigInt64Array];
    for (let i = 0; i < count; i++) target[index + i] = source[fromIndex + i] as bigint;
  } else if (from instanceof Int32Array) {
    const [source, target] = [from as Int32Array, into as unknown as Int32Array];
    for (let i = 0; i < count; i++) target[index + i] = source[fromIndex + i] as number;
  } else for (let i = 0; i < count; i++) into[index + i] = from[fromIndex + i] as number;
}
