import { invalidArgument } from '../core/serving-error.js';
import type { TensorSpec } from '../core/tensor-spec.js';
import { encodeBase64 } from './base64.js';
import { decodeUtf8 } from './utf8.js';

const lengthBytes = 4;

/** Whether the string can be written as UTF-8: halves of surrogate pairs cannot. */
export const isText = (text: string): boolean =>
  // The platform's check is far faster than a regular expression; the types of ES2023 do not have it.
  (text as string & { isWellFormed(): boolean }).isWellFormed();

/** Returns a string that can be written as UTF-8; `subject` names the element that is refused. */
export function checkString(text: string, subject: string): string {
  if (!isText(text)) throw invalidArgument(`${subject}: the string holds half of a surrogate pair`);
  return text;
}

/** A string element given as bytes, which must be UTF-8. `subject` names the element. */
export function stringFromBytes(bytes: Uint8Array, subject: string): string {
  const text = decodeUtf8(bytes);
  if (text === undefined)
    throw invalidArgument(`${subject}: the bytes are not valid UTF-8, and string elements must be`);
  return checkString(text, subject);
}

/** A string element of a tensor, from bytes: their text, or their base64 where they are none. */
export const bytesElement = (bytes: Uint8Array, subject: string, content: TensorSpec['content']): string =>
  content === 'base64' ? encodeBase64(bytes) : stringFromBytes(bytes, subject);

/** Reads `uint32 length, bytes`, repeated, little-endian, to the end of `bytes`. `subject` names the tensor. */
export function decodeBytesElements(bytes: Uint8Array, subject: string, content?: TensorSpec['content']): string[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const elements: string[] = [];
  let at = 0;
  while (at < bytes.length) {
    const left = bytes.length - at;
    const element = `${subject} at [${elements.length}]`;
    if (left < lengthBytes) throw invalidArgument(`${element}: expected a 4-byte length, ${left} bytes are left`);
    const length = view.getUint32(at, true);
    if (length > left - lengthBytes) {
      throw invalidArgument(`${element}: its length says ${length} bytes, ${left - lengthBytes} are left`);
    }
    const start = at + lengthBytes;
    at = start + length;
    elements.push(bytesElement(bytes.subarray(start, at), element, content));
  }
  return elements;
}

/** Writes each string as `uint32 length, UTF-8 bytes`, little-endian. */
export function encodeBytesElements(elements: readonly string[]): Buffer {
  let size = 0;
  for (const text of elements) size += lengthBytes + Buffer.byteLength(text);
  const bytes = Buffer.allocUnsafe(size);
  let at = 0;
  for (const text of elements) {
    const written = bytes.write(text, at + lengthBytes);
    bytes.writeUInt32LE(written, at);
    at += lengthBytes + written;
  }
  return bytes;
}
