import { invalidArgument } from '../../core/serving-error.js';
import type { Tensor } from '../../core/tensor.js';
import type { ModelSignature } from '../../core/tensor-spec.js';
import { fieldOf, type JsonObject } from '../json-fields.js';
import { readColumnForm } from './column-form.js';
import { readRequestBody } from './request-body.js';
import { readRowForm } from './row-form.js';

export interface PredictRequest {
  readonly inputs: ReadonlyMap<string, Tensor>;
  /** How many rows were sent in row form; absent for the column form. */
  readonly rows?: number;
  readonly nonFinite: unknown;
}

const expected = 'a JSON object with "instances" (an array, one item a row) or "inputs" (whole tensors)';

/** Throws INVALID_ARGUMENT naming the input, what was expected and what came. */
export function readPredictRequest(bytes: Uint8Array, signature: ModelSignature): PredictRequest {
  const { document, root, nonFinite } = readRequestBody(bytes, expected);
  const instances = fieldOf(root, 'instances');
  const inputs = fieldOf(root, 'inputs');
  if (instances !== undefined && inputs !== undefined) {
    throw invalidArgument('the body has both "instances" and "inputs"; send one of them');
  }
  if (instances !== undefined) {
    const rows = readRowForm(document, instances, signature, 'instances');
    return { inputs: rows.inputs, rows: rows.count, nonFinite };
  }
  if (inputs !== undefined) return { inputs: readColumnForm(document, inputs, signature), nonFinite };
  throw invalidArgument(`the body has ${describeKeys(root)}; send ${expected}`);
}

function describeKeys(root: JsonObject): string {
  const keys = Object.keys(root)
    .slice(0, 5)
    .map((key) => JSON.stringify(key.slice(0, 40)));
  return keys.length === 0 ? 'neither "instances" nor "inputs"' : `only ${keys.join(', ')}`;
}
