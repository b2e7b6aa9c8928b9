import { parseJson } from '../../codecs/json-document.js';
import { invalidArgument, ServingError } from '../../core/serving-error.js';
import { fieldOf, type JsonObject, kindOf, requireObject } from '../json-fields.js';

/** The body of `POST /v2/repository/index`; an empty one wants every model. */
export function wantsOnlyReady(body: Buffer): boolean {
  const ready = fieldOf(readObject(body), 'ready');
  if (ready === undefined || typeof ready === 'boolean') return ready ?? false;
  throw invalidArgument(`ready: expected true or false, got ${kindOf(ready)}`);
}

/** The body of load and unload. What would change the repository itself is refused rather than left out silently. */
export function checkControlRequest(body: Buffer): void {
  const parameters = fieldOf(readObject(body), 'parameters');
  if (parameters === undefined) return;
  const unknown = Object.keys(requireObject(parameters, 'parameters')).find((key) => key !== 'unload_dependents');
  if (unknown === undefined) return;
  throw new ServingError(
    'UNIMPLEMENTED',
    `parameters.${unknown}: a model's files and settings are taken from the repository; put them there`,
  );
}

function readObject(body: Buffer): JsonObject {
  return body.length === 0 ? {} : requireObject(parseJson(body).root, 'the body');
}
