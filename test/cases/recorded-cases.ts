import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DataType } from '../../src/core/data-type.js';
import { projectRoot } from '../../tools/project-root.js';
import { parseExactJson } from '../conformance/exact-json.js';
import { fromJsonElements } from '../conformance/json-elements.js';
import type { Tensors } from '../conformance/tensors.js';
import type { Question } from '../rows/made-up-model.js';

/** A model that went wrong elsewhere, with requests and what the bare engine answers to each of them alone. */
export interface RecordedModel {
  readonly name: string;
  readonly path: string;
  readonly questions: readonly Question[];
}

interface RecordedTensor {
  readonly name: string;
  readonly datatype: DataType;
  readonly shape: readonly number[];
  /** Numbers that are not finite are strings. */
  readonly data: readonly unknown[];
}

/** Not part of the project; undefined where they are absent. */
export function casesDirectory(): string | undefined {
  const directory = join(projectRoot(), '..', 'shared', 'cases');
  return existsSync(directory) ? directory : undefined;
}

export const recordedModels = (directory: string): RecordedModel[] =>
  readdirSync(directory)
    .filter((name) => existsSync(join(directory, name, 'cases.json')))
    .map((name) => ({
      name,
      path: join(directory, name, 'model.onnx'),
      questions: questionsIn(join(directory, name)),
    }));

function questionsIn(folder: string): Question[] {
  const { cases } = parseExactJson(readFileSync(join(folder, 'cases.json'), 'utf8')) as {
    readonly cases: readonly Record<'inputs' | 'outputs', readonly RecordedTensor[]>[];
  };
  return cases.map(({ inputs, outputs }) => ({ given: tensorsOf(inputs), expected: tensorsOf(outputs) }));
}

/** Own properties, whatever the names are. */
const tensorsOf = (tensors: readonly RecordedTensor[]): Tensors =>
  Object.fromEntries(
    tensors.map(({ name, datatype, shape, data }) => [
      name,
      { dataType: datatype, shape, data: fromJsonElements(datatype, data) },
    ]),
  );
