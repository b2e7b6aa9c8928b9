import type { DataType } from '../../core/data-type.js';
import { plainData, type Tensor, type TensorData } from '../../core/tensor.js';
import type { LoadOrder } from '../frames/engine-frames.js';

/** A tensor as onnxruntime's native binding takes and gives it. */
export interface NativeTensor {
  readonly type: string;
  readonly data: TensorData;
  readonly dims: readonly number[];
}

export type Feeds = Record<string, NativeTensor & { readonly location: 'cpu' }>;
export type Fetches = Readonly<Record<string, null>>;
export type Outputs = Readonly<Record<string, NativeTensor>>;

/** One loaded model in this process. */
export interface Session {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  run(feeds: Feeds, fetches: Fetches): Outputs | Promise<Outputs>;
  /** Throws FilesChanged once a file that it goes on reading was written to; absent where there is none. */
  readonly requireUnchanged?: (() => void) | undefined;
  release(): void;
}

/** Throws with onnxruntime's own message when the model cannot be loaded, FilesChanged when it must not be. */
export type OpenSession = (order: LoadOrder) => Session | Promise<Session>;

/** BF16 has no entry: the Node binding has no arrays for it. */
const nativeNames: Readonly<Partial<Record<DataType, string>>> = {
  BOOL: 'bool',
  UINT8: 'uint8',
  UINT16: 'uint16',
  UINT32: 'uint32',
  UINT64: 'uint64',
  INT8: 'int8',
  INT16: 'int16',
  INT32: 'int32',
  INT64: 'int64',
  FP16: 'float16',
  FP32: 'float32',
  FP64: 'float64',
  BYTES: 'string',
};

const dataTypesByName = new Map(Object.entries(nativeNames).map(([type, name]) => [name, type as DataType]));

export function toNative({ dataType, shape, data }: Tensor): Feeds[string] {
  const type = nativeNames[dataType];
  if (type === undefined) throw new Error(`the engine takes no ${dataType} tensors`);
  return { type, data: plainData(data), dims: shape, location: 'cpu' };
}

export function fromNative({ type, dims, data }: NativeTensor): Tensor {
  const dataType = dataTypesByName.get(type);
  if (dataType === undefined) throw new Error(`the engine gave a tensor of type ${type}, which cannot be handed out`);
  return { dataType, shape: dims, data };
}
