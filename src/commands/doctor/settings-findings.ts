import type { ModelConfig } from '../../core/model-config.js';
import type { FoundModel } from '../../core/model-source.js';
import type { ModelSignature } from '../../core/tensor-spec.js';
import { wantedVersions } from '../../repository/version-policy.js';
import type { ServingFinding } from './serving-finding.js';

/** What a model's settings and its versions say of each other. */
export function versionFindings(model: FoundModel): readonly ServingFinding[] {
  const { config, versions } = model;
  const present = new Set(versions.map(({ id }) => id.version));
  const labelled = Object.entries(config.labels).map(([label, version]) => [`label "${label}"`, version] as const);
  const { versionPolicy: policy } = config;
  const specific = policy.kind === 'specific' ? policy.versions : [];
  const asked = [...labelled, ...specific.map((version) => ['versionPolicy', version] as const)];
  const missing = asked.filter(([, version]) => !present.has(version));
  const wanted = new Set(wantedVersions(model).map(({ id }) => id.version));
  const unserved = [...present].filter((version) => !wanted.has(version));
  return [
    ...missing.map(([asker, version]): ServingFinding => {
      const message = `${asker} in model.json asks for version ${version}, which is not there`;
      return { level: 'error', code: 'missing-version', message };
    }),
    ...(unserved.length === 0 ? [] : [notServed(unserved)]),
  ];
}

const notServed = (versions: readonly number[]): ServingFinding => ({
  level: 'note',
  code: 'version-not-served',
  message: `version${versions.length > 1 ? 's' : ''} ${versions.join(', ')} would not be served, and ${versions.length > 1 ? 'were' : 'was'} not looked at`,
  remedy: 'ask for more versions with versionPolicy or labels in model.json, if you want them',
});

/** What a model's settings say of outputs that it does not have. */
export function labelFindings({ classLabels = {} }: ModelConfig, { outputs }: ModelSignature): ServingFinding[] {
  return Object.entries(classLabels).flatMap(([name, labels]): ServingFinding[] => {
    const output = outputs.find((candidate) => candidate.name === name);
    if (output === undefined) {
      const known = outputs.map((candidate) => `"${candidate.name}"`).join(', ');
      const message = `classLabels in model.json names the output "${name}", but the model's outputs are ${known}`;
      return [{ level: 'error', code: 'model-settings', message }];
    }
    const columns = output.shape?.at(-1);
    if (typeof columns !== 'number' || columns === labels.length) return [];
    const message = `classLabels in model.json has ${labels.length} labels for "${name}", whose last axis has ${columns} positions`;
    return [{ level: 'warning', code: 'model-settings', message }];
  });
}
