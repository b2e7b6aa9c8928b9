import type { VersionPolicy } from '../core/model-config.js';
import type { FoundModel, FoundVersion } from '../core/model-source.js';

/** The versions to serve, ascending: those of the policy and every labelled one, as far as they are there. */
export function wantedVersions({ config, versions }: FoundModel): readonly FoundVersion[] {
  const numbers = versions.map(({ id }) => id.version);
  const wanted = new Set([...versionsOf(config.versionPolicy, numbers), ...Object.values(config.labels)]);
  return versions.filter(({ id }) => wanted.has(id.version));
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
