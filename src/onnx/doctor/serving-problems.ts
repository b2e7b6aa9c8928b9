import { unknownOperators } from '../known-operators.js';
import type { ModelFile } from '../model-file.js';
import { endingProblem } from '../prepare-model.js';
import { isServable } from '../rewrite/unservable-types.js';
import type { FileFinding } from './finding.js';

/** Why a file cannot be served, sorted out. `problem`: what kept it from being planned; undefined where nothing did. */
export function servingProblems(file: ModelFile, problem: string | undefined): readonly FileFinding[] {
  if (problem === undefined) return [];
  const known = [...wrongEnding(file), ...missingData(file), ...missingOperators(file)];
  if (known.length > 0) return known;
  const hasUnservable = [...file.inputs, ...file.outputs].some((value) => !isServable(value));
  return [{ level: 'error', code: hasUnservable ? 'unsupported-type' : 'not-servable', message: problem }];
}

function wrongEnding(file: ModelFile): readonly FileFinding[] {
  const message = endingProblem(file);
  return message === undefined ? [] : [{ level: 'error', code: 'wrong-ending', message }];
}

const missingData = ({ externalFiles }: ModelFile): readonly FileFinding[] =>
  externalFiles.flatMap(({ location, problem }) => {
    if (problem === undefined) return [];
    return [{ level: 'error', code: 'external-data-missing', message: `external data "${location}" ${problem}` }];
  });

const missingOperators = (file: ModelFile): readonly FileFinding[] =>
  unknownOperators(file).map((unknown) => ({ level: 'error', code: 'unknown-operator', ...unknown }));
