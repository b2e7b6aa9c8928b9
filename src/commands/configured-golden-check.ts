import type { ServingEmitter } from '../core/serving-observer.js';
import type { VersionCheck } from '../core/version-check.js';
import type { ModelFiles } from './model-files.js';

export interface ConfiguredGoldenCheckOptions {
  readonly files: Pick<ModelFiles, 'boundsOf'>;
  readonly observer: Pick<ServingEmitter, 'goldenFailed'>;
  readonly largestResponseBytes: number;
}

/** Asks each version its golden requests before it serves. What that takes is loaded only where there are some. */
export const configuredGoldenCheck =
  ({ files, observer, largestResponseBytes }: ConfiguredGoldenCheckOptions): VersionCheck =>
  async (version) => {
    const { goldenFiles, modelPath } = version.found;
    if (goldenFiles === undefined) return;
    const [{ checkGolden }, { goldenTools }] = await Promise.all([
      import('../golden/golden-check.js'),
      import('./golden/golden-tools.js'),
    ]);
    const tools = goldenTools({ mayLeadTo: files.boundsOf(modelPath), largestResponseBytes });
    await checkGolden(version, { ...tools, observer });
  };
