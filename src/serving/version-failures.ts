import type { FoundModel } from '../core/model-source.js';
import { ServingError } from '../core/serving-error.js';
import { rootsOf, withoutPaths } from '../core/without-paths.js';
import { missingVersions } from '../sources/wanted-versions.js';
import type { ModelEntry, VersionFailure } from './model-entry.js';

/** What is said where it cannot be seen what lies there of a model. */
export function unseen(name: string, problem: string | undefined): ServingError {
  const why = problem === undefined ? 'its files keep changing' : `the models folder cannot be scanned (${problem})`;
  return new ServingError('UNAVAILABLE', `failed to load '${name}', ${why}; try again`, { retryAfterSeconds: 1 });
}

/** What lies there and cannot be used, and what is asked for and does not lie there. */
export function problemOf(found: FoundModel): string | undefined {
  const problems = [...(found.problem === undefined ? [] : [found.problem]), ...missingVersions(found)];
  return problems.length === 0 ? undefined : problems.join('; ');
}

/** Whether what failed may succeed later though nothing was changed: files that are away, or cannot be read for now. */
export const mayPass = (error: unknown): boolean =>
  error instanceof ServingError && (error.code === 'NOT_FOUND' || error.code === 'UNAVAILABLE');

export const failureOf = (entry: ModelEntry, error: unknown, fingerprint: string): VersionFailure => ({
  fingerprint,
  reason: reasonOf(entry, error),
  retryAfterSeconds: error instanceof ServingError ? error.retryAfterSeconds : undefined,
  mayPass: mayPass(error),
});

/** Clients see this: it names files, and never where they lie on this machine. */
export function reasonOf({ wanted }: ModelEntry, error: unknown): string {
  const text =
    error instanceof ServingError
      ? error.message
      : `unexpected failure: ${error instanceof Error ? error.message : error}`;
  return withoutPaths(text, rootsOf(wanted.map(({ modelPath }) => modelPath)));
}
