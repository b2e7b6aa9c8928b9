import type { Batching } from '../../core/model.js';
import type { ModelFile } from '../model-file.js';
import { listed } from '../rewrite/listed.js';
import { type FixedInput, freeBatchAdvice } from './export-advice.js';
import type { FileFinding } from './finding.js';

/** `batching`: how requests were found to share runs; undefined where that was not tried. */
export function fixedBatchFindings(file: ModelFile, batching: Batching | undefined): readonly FileFinding[] {
  const fixed = fixedInputs(file);
  const [first] = fixed;
  if (first === undefined) return [];
  const [rows] = first.shape;
  const subject = `input${fixed.length > 1 ? 's' : ''} ${listed(fixed.map(({ name }) => name))}`;
  const message = `the first axis of ${subject} is fixed to ${rows}: ${effect(Number(rows), batching)}`;
  return [{ level: 'warning', code: 'fixed-batch', message, ...freeBatchAdvice(file, fixed) }];
}

/** With an axis besides the first: what has only one holds a single row, most likely. */
function fixedInputs({ inputs }: ModelFile): readonly FixedInput[] {
  return inputs.flatMap(({ name, type, hasInitializer }) => {
    if (hasInitializer || type.kind !== 'tensor' || type.shape === null) return [];
    const { shape, elementType } = type;
    const [first = 0] = shape;
    return shape.length > 1 && typeof first === 'number' && first > 0 ? [{ name, shape, elementType }] : [];
  });
}

function effect(rows: number, batching: Batching | undefined): string {
  if (rows === 1 || batching === undefined) return 'requests cannot share runs';
  if (batching.kind === 'none') return `a request has to bring ${rows} rows, and runs alone`;
  return `every run computes ${rows} rows, however few are asked for`;
}
