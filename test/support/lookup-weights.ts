import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { lookupModel, lookupWeightsName } from './lookup-model.js';
import type { ModelFolder } from './model-folder.js';
import type { Asker } from './question.js';

const weights = 1_000_000;
const written = 16;

/** What all weights are, by turns. */
export const lookupValues = [1, 2, 3, 4] as const;

/** Far apart, in pages of their own. */
const positions = Array.from({ length: written }, (_, index) => Math.floor((index * weights) / written));

export function putLookup(folder: ModelFolder): void {
  folder.write(lookupModel(weights), 'lookup/1/model.onnx');
  folder.write(new Uint8Array(0), `lookup/1/${lookupWeightsName}`);
  for (const _ of overwriteLookup(folder.path, lookupValues[0]));
}

/** Writes a number with each step; nothing else than the numbers that are asked for. */
export function* overwriteLookup(folder: string, value: number): Generator<void> {
  const file = openSync(join(folder, 'lookup/1', lookupWeightsName), 'r+');
  try {
    ftruncateSync(file, 4 * weights);
    for (const position of positions) {
      writeSync(file, Float32Array.of(value), 0, 4, 4 * position);
      yield;
    }
  } finally {
    closeSync(file);
  }
}

/** All numbers at once: of an answer of old and new weights they are not one. */
export const lookingUp: Asker = () => ({
  path: '/v1/models/lookup/predict',
  body: JSON.stringify({ instances: positions }),
  fault: (body) => {
    const { predictions } = body as { predictions?: readonly number[] };
    const seen = [...new Set(predictions)];
    const isOne =
      predictions?.length === written && seen.length === 1 && lookupValues.some((value) => value === seen[0]);
    return isOne ? undefined : `expected one number ${written} times`;
  },
});
