import { decodeBase64 } from '../../codecs/base64.js';
import { fieldOf, type JsonObject, kindOf, parseJson, plainFields, requireObject } from '../../codecs/json-document.js';
import { invalidArgument } from '../../core/serving-error.js';
import type { Parameters } from '../open-inference/parameters.js';

/** The body of `POST /v2/repository/index`; an empty one wants every model. */
export function wantsOnlyReady(body: Buffer): boolean {
  const ready = fieldOf(readObject(body), 'ready');
  if (ready === undefined || ready === null) return false;
  if (typeof ready === 'boolean') return ready;
  throw invalidArgument(`ready: expected true or false, got ${kindOf(ready)}`);
}

function readObject(body: Buffer): JsonObject {
  return body.length === 0 ? {} : requireObject(parseJson(body).root, 'the body');
}

/** Of the body of load and unload, which may be empty. */
export function controlParameters(body: Buffer): Parameters {
  if (body.length === 0) return {};
  const document = parseJson(body);
  return plainFields(document, fieldOf(requireObject(document.root, 'the body'), 'parameters'), 'parameters');
}

/** A model file as JSON carries it. `subject` opens the message of the INVALID_ARGUMENT for anything but base64. */
export function fileContent(content: unknown, subject: string): Uint8Array {
  if (typeof content !== 'string') throw invalidArgument(`${subject}: expected the file's content as base64`);
  return decodeBase64(content, subject, 'the content');
}
