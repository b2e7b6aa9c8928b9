import type { Batching } from '../../core/model.js';
import type { DeclaredValue, ModelFile } from '../model-file.js';
import { listed } from '../rewrite/listed.js';
import { type FixedTensor, freeBatchAdvice } from './export-advice.js';
import type { FileFinding } from './finding.js';

/**
 * A model all of whose inputs have a fixed first axis. Where it is free in some, another axis counts the rows, and
 * nothing is wrong with the export. `batching`: how requests were found to share runs; undefined where that was not
 * tried.
 */
export function fixedBatchFindings(file: ModelFile, batching: Batching | undefined): readonly FileFinding[] {
  const inputs = file.inputs.filter(({ hasInitializer }) => !hasInitializer);
  const fixed = inputs.flatMap(asFixed);
  const [first] = fixed;
  if (first === undefined || fixed.length < inputs.length) return [];
  const [rows] = first.shape;
  // A single axis of several elements is a row rather than a batch.
  if (rows !== 1 && fixed.every(({ shape }) => shape.length === 1)) return [];
  const names = listed(fixed.map(({ name }) => name));
  const subject = fixed.length === 1 ? `the first axis of input ${names} is` : `the first axes of inputs ${names} are`;
  const sizes = [...new Set(fixed.map(({ shape }) => shape[0]))].join(' and ');
  const message = `${subject} fixed to ${sizes}: ${effect(Number(rows), batching)}`;
  const outputs = file.outputs.flatMap(asFixed).filter(({ shape }) => shape[0] === rows);
  return [{ level: 'warning', code: 'fixed-batch', message, ...freeBatchAdvice(file, fixed, outputs) }];
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
