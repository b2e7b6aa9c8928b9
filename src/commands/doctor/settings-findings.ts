import type { DeclaredTensors, ModelConfig } from '../../core/model-config.js';
import type { FoundModel } from '../../core/model-source.js';
import { ServingError } from '../../core/serving-error.js';
import type { ModelSignature } from '../../core/tensor-spec.js';
import { withDeclaredTensors } from '../../serving/declared-tensors.js';
import { unknownOutput } from '../../serving/model-settings.js';
import { missingVersions, wantedVersions } from '../../sources/wanted-versions.js';
import type { ServingFinding } from './serving-finding.js';

/** What a model's settings and its versions say of each other. */
export function versionFindings(model: FoundModel): readonly ServingFinding[] {
  const wanted = new Set(wantedVersions(model).map(({ id }) => id.version));
  const unserved = model.versions.map(({ id }) => id.version).filter((version) => !wanted.has(version));
  return [
    ...missingVersions(model).map((message): ServingFinding => ({ level: 'error', code: 'missing-version', message })),
    ...(unserved.length === 0 ? [] : [notServed(unserved)]),
  ];
}

const notServed = (versions: readonly number[]): ServingFinding => ({
  level: 'note',
  code: 'version-not-served',
  message: `version${versions.length > 1 ? 's' : ''} ${versions.join(', ')} would not be served, and ${versions.length > 1 ? 'were' : 'was'} not looked at`,
  remedy: 'ask for more versions with versionPolicy or labels in model.json, if you want them',
});

/** What a model's settings say of its inputs and outputs, and of ones that it does not have. */
export function tensorFindings(
  { tensors, classLabels = {}, outputs: served = [] }: Pick<ModelConfig, 'tensors' | 'classLabels' | 'outputs'>,
  signature: ModelSignature,
): ServingFinding[] {
  const { outputs } = signature;
  const unknown = (name: string, setting: string): ServingFinding[] => {
    if (outputs.some((output) => output.name === name)) return [];
    return [{ level: 'error', code: 'model-settings', message: unknownOutput(name, outputs, setting) }];
  };
  return [
    ...served.flatMap((name) => unknown(name, 'outputs')),
    ...Object.keys(classLabels).flatMap((name) => unknown(name, 'classLabels')),
    ...labelCounts(classLabels, outputs),
    ...(tensors === undefined ? [] : declarationFindings(tensors, signature)),
  ];
}

function declarationFindings(tensors: DeclaredTensors, signature: ModelSignature): ServingFinding[] {
  try {
    withDeclaredTensors(signature, tensors, true);
    return [];
  } catch (error) {
    if (!(error instanceof ServingError)) throw error;
    return [{ level: 'error', code: 'model-settings', message: error.message }];
  }
}

function labelCounts(
  classLabels: NonNullable<ModelConfig['classLabels']>,
  outputs: ModelSignature['outputs'],
): ServingFinding[] {
  return Object.entries(classLabels).flatMap(([name, labels]): ServingFinding[] => {
    const output = outputs.find((candidate) => candidate.name === name);
    if (output === undefined) return [];
    const columns = output.shape?.at(-1);
    if (typeof columns !== 'number' || columns === labels.length) return [];
    const message = `classLabels in model.json has ${labels.length} labels for "${name}", whose last axis has ${columns} positions`;
    return [{ level: 'warning', code: 'model-settings', message }];
  });
}
