import type { Batching } from '../../core/model.js';
import { listed } from '../../core/short-text.js';
import type { Dimension } from '../../core/tensor-spec.js';
import type { DeclaredValue, ModelFile } from '../model-file.js';
import { type FixedTensor, freeBatchAdvice } from './export-advice.js';
import type { FileFinding } from './finding.js';

/**
 * A model all of whose inputs have a first axis of one size, which is a batch: of one row, or of several that a trial
 * showed to be independent. `batching`: how requests were found to share runs; undefined where that was not tried.
 */
export function fixedBatchFindings(file: ModelFile, batching: Batching | undefined): readonly FileFinding[] {
  const inputs = file.inputs.filter(({ hasInitializer }) => !hasInitializer);
  const fixed = inputs.flatMap(asFixed);
  const [first] = fixed;
  if (first === undefined || fixed.length < inputs.length) return [];
  const rows = Number(first.shape[0]);
  if (fixed.some(({ shape }) => shape[0] !== rows) || !isBatch(rows, fixed, file, batching)) return [];
  const names = listed(fixed.map(({ name }) => name));
  const subject = fixed.length === 1 ? `the first axis of input ${names} is` : `the first axes of inputs ${names} are`;
  const message = `${subject} fixed to ${rows}: ${effect(rows, batching)}`;
  const outputs = file.outputs.flatMap(asFixed).filter(({ shape }) => shape[0] === rows);
  return [{ level: 'warning', code: 'fixed-batch', message, ...freeBatchAdvice(file, fixed, outputs) }];
}

/** Whether the first axis counts rows: nothing else does, outputs keep it, and it is no axis of a picture. */
function isBatch(
  rows: number,
  inputs: readonly FixedTensor[],
  { outputs }: ModelFile,
  batching: Batching | undefined,
): boolean {
  if (batching?.kind === 'dynamic' || inputs.some(({ shape }) => shape.some(isBatchName))) return false;
  const keepsIt = outputs.some(
    ({ type }) => type.kind !== 'tensor' || type.shape === null || isRowAxis(type.shape[0], rows),
  );
  if (rows === 1) return keepsIt;
  // A single axis of several elements is a row rather than a batch.
  return batching?.kind === 'fixed' && !inputs.every(({ shape }) => shape.length === 1 || isPicture(shape));
}

const isRowAxis = (size: Dimension | undefined, rows: number): boolean =>
  size !== undefined && (typeof size !== 'number' || size === rows);

const isBatchName = (size: Dimension): boolean => typeof size === 'string' && /batch/i.test(size);

/** [channels, height, width] or [height, width, channels]. */
function isPicture(shape: readonly Dimension[]): boolean {
  const [first, second, third, ...others] = shape;
  const isSide = (size: Dimension | undefined): boolean => typeof size !== 'number' || size >= 16;
  const isChannels = (size: Dimension | undefined): boolean => size === 1 || size === 3 || size === 4;
  if (third === undefined || others.length > 0 || !isSide(second)) return false;
  return (isChannels(first) && isSide(third)) || (isSide(first) && isChannels(third));
}

function asFixed({ name, type }: DeclaredValue): readonly FixedTensor[] {
  if (type.kind !== 'tensor' || type.shape === null) return [];
  const { shape, elementType } = type;
  const [first] = shape;
  return typeof first === 'number' && first > 0 ? [{ name, shape, elementType }] : [];
}

const effect = (rows: number, batching: Batching | undefined): string =>
  rows > 1 && batching?.kind === 'fixed'
    ? `every run computes ${rows} rows, however few are asked for`
    : 'requests cannot share runs';
