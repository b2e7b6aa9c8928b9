import type { ModelStatus } from '../../core/inference-service.js';
import type { ModelVersionState } from '../../core/model.js';

const indexStates = {
  START: 'LOADING',
  LOADING: 'LOADING',
  AVAILABLE: 'READY',
  UNLOADING: 'UNLOADING',
  END: 'UNAVAILABLE',
} as const satisfies Record<ModelVersionState, string>;

/** `POST /v2/repository/index`: a line a version, and one for a model that has none. */
export function repositoryIndex(models: readonly ModelStatus[], onlyReady: boolean): object[] {
  const lines = models.flatMap(({ name, versions, problem }) =>
    versions.length === 0
      ? [{ name, version: '', state: 'UNAVAILABLE', reason: problem ?? 'no version' }]
      : versions.map(({ version, state, reason }) => ({
          name,
          version: String(version),
          state: indexStates[state],
          reason: reason ?? problem ?? '',
        })),
  );
  return onlyReady ? lines.filter((line) => line.state === 'READY') : lines;
}
