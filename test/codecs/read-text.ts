import { type JsonDocument, parseJson } from '../../src/codecs/json-document.js';
import { readTensor } from '../../src/codecs/json-tensor-reader.js';
import type { DataType } from '../../src/core/data-type.js';
import type { Tensor } from '../../src/core/tensor.js';

export const parseText = (text: string): JsonDocument => parseJson(Buffer.from(text));

/** The tensor that a whole text writes. */
export function readText(text: string, dataType: DataType): Tensor {
  const document = parseText(text);
  return readTensor(document, document.root, { subject: 'input "x"', dataType });
}

/** The elements that a whole text writes. */
export const elementsOf = (text: string, dataType: DataType): (number | bigint | string)[] =>
  Array.from(readText(text, dataType).data as ArrayLike<number | bigint | string>);
