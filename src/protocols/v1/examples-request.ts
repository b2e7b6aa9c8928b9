import type { JsonNode } from '../../codecs/json-document.js';
import { invalidArgument } from '../../core/serving-error.js';
import type { ModelSignature } from '../../core/tensor-spec.js';
import { fieldOf, isObject, kindOf, requireObject } from '../json-fields.js';
import { readRequestBody } from './request-body.js';
import { type Rows, readRowForm } from './row-form.js';

export interface ExamplesRequest extends Rows {
  readonly nonFinite: unknown;
}

const expected = 'a JSON object with "examples": an array of objects, feature name → value';

/** The body of classify and regress: features are inputs, and those in `context` are every example's. */
export function readExamplesRequest(bytes: Uint8Array, signature: ModelSignature): ExamplesRequest {
  const { document, root, nonFinite } = readRequestBody(bytes, expected);
  const examples = fieldOf(root, 'examples');
  if (examples === undefined) throw invalidArgument(`the body has no "examples"; send ${expected}`);
  const context = fieldOf(root, 'context');
  const items = context === undefined ? examples : withContext(examples, requireObject(context, 'context'));
  return { ...readRowForm(document, items, signature, 'examples'), nonFinite };
}

function withContext(examples: JsonNode, context: { [name: string]: JsonNode }): JsonNode {
  if (!Array.isArray(examples))
    throw invalidArgument(`examples: expected an array of objects, got ${kindOf(examples)}`);
  return examples.map((example) => (isObject(example) ? { ...context, ...example } : example));
}
