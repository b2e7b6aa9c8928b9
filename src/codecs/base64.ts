import { invalidArgument } from '../core/serving-error.js';

/**
 * Decodes standard or URL-safe base64, padded or not. `subject` opens the message of the INVALID_ARGUMENT that
 * anything else, white space included, is refused with.
 */
export function decodeBase64(text: string, subject: string, what = '"b64"'): Buffer {
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const digits = text.length - padding;
  const bytes = Buffer.from(text, 'base64');
  // The platform skips what is not base64, so the result is then too short.
  const complete = digits % 4 !== 1 && bytes.length === Math.floor((digits * 3) / 4);
  const padded = padding === 0 || text.length % 4 === 0;
  if (!complete || !padded)
    throw invalidArgument(`${subject}: ${what} is not valid base64 (${text.length} characters)`);
  return bytes;
}

export function encodeBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}
