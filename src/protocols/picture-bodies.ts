import { encodeBase64 } from '../codecs/base64.js';
import { invalidArgument } from '../core/serving-error.js';
import type { Tensor } from '../core/tensor.js';
import type { ModelFacts } from '../inference/inference-codec.js';
import type { HttpMessage } from './http/http-call.js';
import { readMultipartForm } from './multipart-form.js';
import { soleInput } from './signature-lookup.js';

/** Pictures as the body of a request, and what a form says beside them. */
export interface PictureBody {
  readonly inputs: ReadonlyMap<string, Tensor>;
  readonly count: number;
  readonly parameters: Readonly<Record<string, unknown>> | undefined;
}

export const pictureTypes = ['image/jpeg', 'image/png', 'image/webp'] as const;
export const formType = 'multipart/form-data';

const beginnings = ['ffd8ff', '89504e47', '52494646'].map((hex) => Buffer.from(hex, 'hex'));

/** Whether it begins as JPEG, PNG and WebP do, which no JSON does. */
export const isPicture = (body: Buffer): boolean =>
  beginnings.some((bytes) => body.subarray(0, bytes.length).equals(bytes));

/** Undefined where the body is something else. Throws INVALID_ARGUMENT where the model takes no pictures. */
export function readPictureBody({ body, headers }: HttpMessage, model: ModelFacts): PictureBody | undefined {
  const contentType = headers['content-type'] ?? '';
  const type = contentType.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  const isSole = pictureTypes.some((one) => one === type);
  if (!isSole && type !== formType) return undefined;
  const spec = soleInput(model.signature);
  if (spec?.content !== 'base64')
    throw invalidArgument(`the model takes no pictures; send its inputs as JSON, not ${type}`);
  const form = isSole ? undefined : readMultipartForm(body, contentType);
  const pictures = form?.filter(({ isFile }) => isFile).map(({ bytes }) => bytes) ?? [body];
  if (pictures.length === 0) throw invalidArgument('the form has no file; send each picture as one');
  const fields = form?.filter(({ isFile }) => !isFile) ?? [];
  const data = pictures.map((bytes) => encodeBase64(bytes));
  return {
    inputs: new Map([[spec.name, { dataType: 'BYTES', shape: [data.length], data }]]),
    count: data.length,
    parameters:
      fields.length === 0 ? undefined : Object.fromEntries(fields.map(({ name, bytes }) => [name, fieldOf(bytes)])),
  };
}

/** A number, a list or the like where it reads as JSON; else the text. */
function fieldOf(bytes: Buffer): unknown {
  const text = bytes.toString();
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
