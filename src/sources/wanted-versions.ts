import type { VersionPolicy } from '../core/model-config.js';
import type { FoundModel, FoundVersion } from '../core/model-source.js';

/** The versions to serve, ascending: those of the policy and every labelled one, as far as they are there. */
export function wantedVersions({ config, versions }: FoundModel): readonly FoundVersion[] {
  const numbers = versions.map(({ id }) => id.version);
  const wanted = new Set([...versionsOf(config.versionPolicy, numbers), ...Object.values(config.labels)]);
  return versions.filter(({ id }) => wanted.has(id.version));
}

/** What the settings ask for and is not there, a sentence each. */
export function missingVersions({ config, versions }: Pick<FoundModel, 'config' | 'versions'>): readonly string[] {
  const present = new Set(versions.map(({ id }) => id.version));
  const policy = config.versionPolicy.kind === 'specific' ? config.versionPolicy.versions : [];
  const asked = [
    ...Object.entries(config.labels).map(([label, version]) => [`label "${label}"`, version] as const),
    ...policy.map((version) => ['versionPolicy', version] as const),
  ];
  return asked.flatMap(([asker, version]) =>
    present.has(version) ? [] : [`${asker} in its settings asks for version ${version}, which is not there`],
  );
}

function versionsOf(policy: VersionPolicy, ascending: readonly number[]): readonly number[] {
  switch (policy.kind) {
    case 'latest':
      return ascending.slice(-policy.count);
    case 'all':
      return ascending;
    case 'specific':
      return policy.versions;
  }
}
