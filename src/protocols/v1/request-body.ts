import { type JsonDocument, parseJson, plainValue } from '../../codecs/json-document.js';
import { invalidArgument } from '../../core/serving-error.js';
import { fieldOf, type JsonObject, kindOf, requireObject } from '../json-fields.js';

export interface RequestBody {
  readonly document: JsonDocument;
  readonly root: JsonObject;
  /** The answer's `non_finite` that the body asks for. */
  readonly nonFinite: unknown;
}

/** What predict, classify and regress have in common. `expected` is shown to whoever sends nothing. */
export function readRequestBody(bytes: Uint8Array, expected: string): RequestBody {
  if (bytes.length === 0) throw invalidArgument(`the body is empty; send ${expected}`);
  const document = parseJson(bytes);
  const root = requireObject(document.root, 'the body');
  checkSignatureName(root);
  const parameters = fieldOf(root, 'parameters');
  if (parameters === undefined || parameters === null) return { document, root, nonFinite: undefined };
  const wish = fieldOf(requireObject(parameters, 'parameters'), 'non_finite');
  return { document, root, nonFinite: wish === undefined ? undefined : plainValue(document, wish) };
}

function checkSignatureName(root: JsonObject): void {
  const name = fieldOf(root, 'signature_name');
  if (name === undefined || name === '' || name === 'serving_default') return;
  throw invalidArgument(`signature_name: a model has the one signature "serving_default", got ${kindOf(name)}`);
}
