import { integerRanges, isIntegerType } from '../../core/data-type.js';
import type { TensorSpec } from '../../core/tensor-spec.js';
import { anything, integer, type JsonSchema, list, number, object, text, truth } from '../http/json-schema.js';

/** Whose values are meant: a request may say things in more than one way. */
export type Direction = 'sent' | 'answered';

const base64 = object({ b64: text({ contentEncoding: 'base64' }) });
const digits = text({ pattern: '^-?[0-9]+$' });

/** JSON of a tensor as v1 has it; of one row of it where `axis` says along which axis rows lie. */
export function tensorSchema(spec: TensorSpec, direction: Direction, axis?: number): JsonSchema {
  const about = spec.description === undefined ? {} : { description: spec.description };
  if (spec.content === 'json' || spec.shape === null) return anything(about);
  const element = elementSchema(spec, direction);
  const labels = spec.shape.length === 2 && axis !== 1 ? spec.classLabels?.map(String) : undefined;
  const map = spec.isMap === true && labels !== undefined ? labelledObject(labels, element, direction) : undefined;
  const sizes = spec.shape.filter((_, index) => index !== axis && (map === undefined || index !== 1));
  const schema = sizes.reduceRight<JsonSchema>(
    (items, size) => list(items, typeof size === 'number' ? { minItems: size, maxItems: size } : {}),
    map ?? element,
  );
  const named = map === undefined && spec.classLabels !== undefined ? { 'x-class-labels': spec.classLabels } : {};
  return { ...schema, ...named, ...about };
}

/** A row of a tensor that is a map in the model file. A request may leave labels out. */
function labelledObject(labels: readonly string[], value: JsonSchema, direction: Direction): JsonSchema {
  const properties = Object.fromEntries(labels.map((label) => [label, value]));
  return direction === 'sent' ? object({}, { optional: properties }) : object(properties);
}

function elementSchema({ dataType, name, range }: TensorSpec, direction: Direction): JsonSchema {
  if (dataType === 'BOOL') return truth();
  if (dataType === 'BYTES') {
    if (direction === 'sent') return { anyOf: [text(), base64] };
    return name.endsWith('_bytes') ? base64 : text();
  }
  // NaN and infinities are null in a response.
  if (!isIntegerType(dataType)) return direction === 'sent' ? number() : { type: ['number', 'null'] };
  const { min, max } = range ?? integerRanges[dataType];
  if (max <= Number.MAX_SAFE_INTEGER) return integer({ minimum: Number(min), maximum: Number(max) });
  const long = integer({ format: dataType.toLowerCase() });
  return direction === 'sent' ? { anyOf: [long, digits] } : long;
}
