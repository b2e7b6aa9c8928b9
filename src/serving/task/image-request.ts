import type { InferenceRequest } from '../../core/inference.js';
import { invalidArgument } from '../../core/serving-error.js';
import { plainData } from '../../core/tensor.js';

/** More pictures are rejected. */
export const mostImages = 256;
const dataUri = /^data:[\w/+.-]*(?:;[\w=.-]+)*;base64,/;
const base64 = /^(?:[\w+/-]{4})*(?:[\w+/-]{2,3}={0,2})?$/;
const link = /^\w+:\/\//;

/** The bytes of each picture. Throws INVALID_ARGUMENT that names the input and the picture. */
export function readImageRequest({ inputs }: Pick<InferenceRequest, 'inputs'>): readonly Uint8Array[] {
  for (const name of inputs.keys())
    if (name !== 'image') throw invalidArgument(`the model has no input "${name}"; its input is "image"`);
  const image = inputs.get('image');
  if (image === undefined) throw invalidArgument('input "image" is missing: expected BYTES[?], a picture a row');
  const { dataType, shape, data } = image;
  const [rows = 0, width = 1, ...rest] = shape;
  if (dataType !== 'BYTES' || shape.length === 0 || width !== 1 || rest.length > 0)
    throw invalidArgument(`input "image": expected BYTES[?], a picture a row, got ${dataType}[${shape.join(', ')}]`);
  if (rows === 0) throw invalidArgument('input "image": expected one picture or more, got none');
  if (rows > mostImages)
    throw invalidArgument(`input "image": expected up to ${mostImages} pictures, got ${rows}; send them in parts`);
  return (plainData(data) as readonly string[]).map(bytesOf);
}

/** Base64, by itself or in a `data:` URI. */
function bytesOf(text: string, index: number): Uint8Array {
  const where = `input "image", picture ${index}`;
  if (link.test(text))
    throw invalidArgument(`${where}: pictures are not fetched from addresses; send the bytes, in base64`);
  const encoded = text.startsWith('data:') ? text.replace(dataUri, '') : text;
  if (encoded.startsWith('data:')) throw invalidArgument(`${where}: expected a data: URI in base64`);
  // The platform passes over what is no base64.
  if (!base64.test(encoded)) throw invalidArgument(`${where}: expected the bytes of a picture in base64`);
  const bytes = Buffer.from(encoded, 'base64');
  if (bytes.length === 0) throw invalidArgument(`${where}: expected a JPEG, PNG or WebP picture, got no bytes`);
  return bytes;
}
