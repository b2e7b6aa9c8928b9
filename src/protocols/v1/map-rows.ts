import { isObject, type JsonDocument, type JsonNode, kindOf } from '../../codecs/json-document.js';
import { readTensor } from '../../codecs/json-tensor-reader.js';
import { invalidArgument, ServingError } from '../../core/serving-error.js';
import { shownValue } from '../../core/short-text.js';
import { allocate, isStrings, type Tensor } from '../../core/tensor.js';
import type { TensorSpec } from '../../core/tensor-spec.js';

/** An input that is a map in the model file: JSON for people may give its rows as objects of label → value. */
export interface MapSpec extends TensorSpec {
  readonly isMap: true;
  readonly classLabels: readonly (string | number)[];
}

export const takesMaps = (spec: TensorSpec): spec is MapSpec => spec.isMap === true && spec.classLabels !== undefined;

/**
 * One object a row. A label that a row lacks is 0, or an empty text; a key that is no label is passed over, as the
 * operator does that the map was for: to one-hot features an unknown category is none of the known ones.
 */
export function readMapRows(document: JsonDocument, rows: readonly JsonNode[], spec: MapSpec): Tensor {
  const { name, dataType, classLabels } = spec;
  const columns = new Map(classLabels.map((label, column) => [String(label), column]));
  requireBudget(spec, rows.length, columns.size);
  const data = allocate(dataType, rows.length * columns.size);
  if (isStrings(data)) (data as string[]).fill('');
  rows.forEach((row, index) => {
    const subject = `input "${name}", row ${index}`;
    if (!isObject(row)) throw invalidArgument(`${subject}: expected an object, as other rows are, got ${kindOf(row)}`);
    for (const [key, node] of Object.entries(row)) {
      const column = columns.get(key);
      if (column === undefined) continue;
      const value = readTensor(document, node, { subject: `${subject}, ${shownValue(key)}`, dataType });
      if (value.shape.length > 0) {
        throw invalidArgument(`${subject}, ${shownValue(key)}: expected a single ${dataType}, got an array`);
      }
      (data as unknown[])[index * columns.size + column] = value.data[0];
    }
  });
  return { dataType, shape: [rows.length, columns.size], data };
}

/** An empty object costs its sender two bytes, and as many numbers here as the model knows labels. */
const mostElements = 2 ** 25;

function requireBudget({ name }: MapSpec, rows: number, columns: number): void {
  if (rows * columns <= mostElements) return;
  throw new ServingError(
    'RESOURCE_EXHAUSTED',
    `input "${name}": ${rows} objects of ${columns} labels are ${rows * columns} numbers; at most ${mostElements} are made of one request, send fewer rows`,
  );
}

/** Whether a node is rows of maps rather than a tensor. */
export const areMaps = (node: JsonNode): node is JsonNode[] => Array.isArray(node) && node.some(isObject);
