import { invalidArgument } from '../core/serving-error.js';
import type { ServingEmitter } from '../core/serving-observer.js';
import type { LoadedVersion } from '../core/version-check.js';
import type { GoldenTools } from './golden-reader.js';
import { runGolden } from './golden-run.js';

export interface GoldenCheckOptions extends GoldenTools {
  readonly observer: Pick<ServingEmitter, 'goldenFailed'>;
}

/** Rejects, and tells the observer, at the first golden request that the version does not answer as it has to. */
export async function checkGolden(version: LoadedVersion, { observer, ...tools }: GoldenCheckOptions): Promise<void> {
  for await (const { miss } of runGolden(version, tools)) {
    if (miss === undefined) continue;
    const reason = `it does not pass ${miss}`;
    observer.goldenFailed({ id: version.found.id, reason });
    throw invalidArgument(reason);
  }
}
