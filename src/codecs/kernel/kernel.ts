import type { DataType } from '../../core/data-type.js';
import { kernelCode } from './kernel-code.js';
import { powersOfTen, widePowersOfTen } from './power-tables.js';

/** What `assembly/index.ts` exports. Addresses are indexes into `memory`. */
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
 * that call, which never yields, has returned. Only TextWindow remembers what it put there.
 */
export const kernel = (() => {
  const module = new WebAssembly.Module(Buffer.from(kernelCode, 'base64'));
  const exports = new WebAssembly.Instance(module).exports as KernelExports;
  const { buffer } = exports.memory;
  new Float64Array(buffer, exports.powersOfTen.value).set(powersOfTen());
  new BigUint64Array(buffer, exports.widePowers.value).set(widePowersOfTen());
  const secondResult = new Uint32Array(buffer, exports.secondResult.value, 1);
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
    secondResult: (): number => secondResult[0] as number,
  };
})();
