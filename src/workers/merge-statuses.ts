import type { ModelStatus } from '../core/inference-service.js';
import type { ModelVersionState, ModelVersionStatus } from '../core/model.js';

/** Of different states the first of these holds: a version is AVAILABLE when a request may meet any worker. */
const precedence = [
  'START',
  'LOADING',
  'END',
  'UNLOADING',
  'AVAILABLE',
] as const satisfies readonly ModelVersionState[];

/** Every model that some worker knows, by name. */
export function mergeModels(workers: readonly (readonly ModelStatus[])[]): ModelStatus[] {
  const names = new Set(workers.flat().map(({ name }) => name));
  return [...names]
    .sort()
    .map((name) =>
      mergeStatuses(workers.map((models) => models.find((model) => model.name === name) ?? unseenModel(name))),
    );
}

/** What the workers say of one model. */
export function mergeStatuses(statuses: readonly ModelStatus[]): ModelStatus {
  const name = statuses[0]?.name ?? '';
  const versions = new Set(statuses.flatMap((status) => status.versions.map(({ version }) => version)));
  const problem = statuses.find((status) => status.problem !== undefined)?.problem;
  return {
    name,
    versions: [...versions]
      .sort((a, b) => b - a)
      .map((version) => mergeVersions(statuses.map((status) => versionOf(status, version)))),
    ...(problem !== undefined && { problem }),
  };
}

/** A worker that has not seen the version yet is about to find it. */
const versionOf = ({ name, versions }: ModelStatus, version: number): ModelVersionStatus =>
  versions.find((status) => status.version === version) ?? { name, version, state: 'START', labels: [] };

/** As a worker speaks of a model that it has not found yet. */
export const unseenModel = (name: string): ModelStatus => ({ name, versions: [] });

function mergeVersions(statuses: readonly ModelVersionStatus[]): ModelVersionStatus {
  const byPrecedence = [...statuses].sort((a, b) => precedence.indexOf(a.state) - precedence.indexOf(b.state));
  const [first] = byPrecedence as [ModelVersionStatus];
  const { reason, isIntended } = byPrecedence.find((status) => status.reason !== undefined) ?? {};
  const labels = [...new Set(statuses.flatMap((status) => status.labels))];
  const { name, version, state } = first;
  return {
    name,
    version,
    state,
    labels,
    ...(reason !== undefined && { reason }),
    ...(isIntended !== undefined && { isIntended }),
  };
}
