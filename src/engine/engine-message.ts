import { basename, dirname } from 'node:path';
import type { ProcessFailure } from '../core/process-failure.js';
import { ServingError } from '../core/serving-error.js';
import { rootsOf, withoutPaths } from '../core/without-paths.js';
import { describeExit, type ProcessExit } from '../processes/process-exit.js';
import { FinalError } from '../processes/tenant.js';
import type { LoadOrder } from './frames/engine-frames.js';
import { explainLoadError } from './load-errors.js';

const sourceLocation = /\/\S*onnxruntime\S*\.(?:cc|cpp|h|hpp):\d+\s+/;
const longestMessage = 500;

export type ModelFiles = Pick<LoadOrder, 'modelPath' | 'externalDataDirectory'>;

/** onnxruntime's words without the places in its source code and without the server's own paths. */
export function cleanMessage(
  text: string,
  { modelPath, externalDataDirectory = dirname(modelPath) }: ModelFiles,
): string {
  let rest = text
    .replaceAll(`${dirname(modelPath)}/`, '')
    .replaceAll(`${externalDataDirectory}/`, '')
    .replace(`Load model from ${basename(modelPath)} failed:`, '')
    .replace('Exception during initialization: ', '')
    .replace(
      /Non-zero status code returned while running (\S+) node\. Name:'([^']*)' Status Message: /,
      (_, operator: string, name: string) => (name === '' ? `${operator} node: ` : `${operator} node "${name}": `),
    );
  for (let place = sourceLocation.exec(rest); place !== null; place = sourceLocation.exec(rest)) {
    const after = rest.slice(place.index + place[0].length);
    rest = rest.slice(0, place.index) + after.slice(signatureLength(after));
  }
  return clip(
    withoutPaths(withoutCondition(rest), rootsOf([modelPath, externalDataDirectory]))
      .replaceAll(/\s+/g, ' ')
      .trim(),
  );
}

/** `void ns::Type::f(int, const T&) const [with T = float] …`: the function that a source location is followed by. */
function signatureLength(text: string): number {
  let end = closing(text, '(', ')');
  if (end === 0) return 0;
  // `operator()(…)` has its parameters behind its name's own brackets.
  if (text[end] === '(') end += closing(text.slice(end), '(', ')');
  for (;;) {
    const rest = text.slice(end);
    const suffix = /^(?:\s*(?:const|mutable|noexcept)\b|::<lambda\()/.exec(rest)?.[0];
    if (suffix?.endsWith('(')) end += closing(rest, '(', ')') + 1;
    else if (suffix !== undefined) end += suffix.length;
    else if (/^\s*\[with /.test(rest)) end += closing(rest, '[', ']');
    else return end;
  }
}

/** Where the first bracket of `text` closes; 0 when it has none. */
function closing(text: string, open: string, close: string): number {
  let depth = 0;
  for (let at = text.indexOf(open); at >= 0 && at < text.length; at++) {
    if (text[at] === open) depth++;
    if (text[at] === close && --depth === 0) return at + 1;
  }
  return 0;
}

/** The condition that failed is source code too, of use only where no words follow it. */
const withoutCondition = (text: string): string => text.replace(/(^|: )[^:]*? was false\.\s+(?=\S)/, '$1');

const clip = (text: string): string => (text.length > longestMessage ? `${text.slice(0, longestMessage)}…` : text);

const outOfMemory =
  /bad[_ ]alloc|failed to allocate memory|out of memory|Array buffer allocation failed|Invalid string length|Invalid (?:typed )?array (?:buffer )?length/i;

/** What a caller is told when the engine cannot compute. */
export function runError(text: string, files: ModelFiles): ServingError {
  const message = cleanMessage(text, files);
  return outOfMemory.test(text)
    ? new ServingError('RESOURCE_EXHAUSTED', `these inputs need more memory than the model may use: ${message}`)
    : new ServingError('INVALID_ARGUMENT', `the model could not compute an answer for these inputs: ${message}`);
}

/** Rewritten copies are named after their content. */
const copyName = /[0-9a-f]{64}\.onnx/g;

/** Why a model is not served when the engine rejects its file. */
export function loadError(text: string, files: ModelFiles): ServingError {
  const message = cleanMessage(text, files).replaceAll(copyName, 'the rewritten model');
  if (outOfMemory.test(text)) {
    return new ServingError('RESOURCE_EXHAUSTED', `the model needs more memory than it may use: ${message}`);
  }
  const name = basename(files.modelPath).replace(copyName, 'the rewritten model');
  return new ServingError(
    'INVALID_ARGUMENT',
    explainLoadError(message) ?? `the engine cannot load ${name}: ${message}`,
  );
}

/** What has changed is soon loaded anew. */
const retryAfterSeconds = 1;

/** The model's files are no longer what was prepared, and there is no copy of them: nothing is loaded or answered from them any more. */
export class FilesChangedError extends FinalError {
  constructor(change: string) {
    const message = `${change}; it answers again once the files lie still and what they hold now is loaded`;
    super('UNAVAILABLE', message, { retryAfterSeconds });
  }
}

/** A file of the model's cannot be reached, and there is no copy of it. It may be there again, as it was, the next time. */
export const filesAway = (what: string): ServingError =>
  new ServingError('UNAVAILABLE', `${what}; it can be loaded once the file is there`, { retryAfterSeconds });

/** Why a model is not served when the process that was to load it ended. */
export function loadFailure(failure: ProcessFailure, timeoutMs: number, exit: ProcessExit | undefined): ServingError {
  if (failure.kind === 'RUN_TIMEOUT' || failure.kind === 'STALLED')
    return new ServingError(
      'DEADLINE_EXCEEDED',
      `the model was not loaded within ${timeoutMs} ms; allow more time if it is large`,
    );
  const how = exit === undefined ? '' : `: ${describeExit(exit)}`;
  return new ServingError('INTERNAL', `the engine process ended while it loaded the model${how}`, { cause: failure });
}
