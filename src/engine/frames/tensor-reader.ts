import { type DataType, dataTypes, elementBytes } from '../../core/data-type.js';
import { elementCount, type TensorData, viewOf } from '../../core/tensor.js';
import { headerWords, padded, wordsOf } from './frame-layout.js';
import { decodeStrings } from './string-elements.js';

export interface ReadTensor {
  readonly index: number;
  readonly dataType: DataType;
  readonly shape: number[];
  /** Numeric data is a view of the frame. */
  readonly data: TensorData;
}

export interface TensorFrame {
  readonly extraWords: Uint32Array;
  readonly tensors: readonly ReadTensor[];
}

/** The frame must start at a multiple of 8 bytes in its buffer. */
export function readTensors(frame: Uint8Array): TensorFrame {
  const words = wordsOf(frame);
  const detail = words[3] as number;
  const firstTensor = headerWords + (detail >>> 16);
  const tensors = new Array<ReadTensor>(detail & 0xffff);
  let word = firstTensor;
  for (let at = 0; at < tensors.length; at++) word += 3 + ((words[word + 1] as number) >>> 8);
  let dataAt = padded(4 * word);
  word = firstTensor;
  for (let at = 0; at < tensors.length; at++) {
    const code = words[word + 1] as number;
    const bytes = words[word + 2] as number;
    const shape = Array.from(words.subarray(word + 3, word + 3 + (code >>> 8)));
    const dataType = dataTypes[code & 0xff] as DataType;
    tensors[at] = {
      index: words[word] as number,
      dataType,
      shape,
      data: readData(frame, dataType, shape, dataAt, bytes),
    };
    dataAt += padded(bytes);
    word += 3 + shape.length;
  }
  return { extraWords: words.subarray(headerWords, firstTensor), tensors };
}

function readData(frame: Uint8Array, dataType: DataType, shape: number[], from: number, bytes: number): TensorData {
  const count = elementCount(shape);
  if (dataType === 'BYTES') return decodeStrings(frame.subarray(from, from + bytes), count);
  if (count * elementBytes[dataType] !== bytes) {
    throw new Error(`a ${dataType} tensor of shape [${shape.join(', ')}] came with ${bytes} bytes of data`);
  }
  return viewOf(dataType, frame.buffer, frame.byteOffset + from, count);
}
