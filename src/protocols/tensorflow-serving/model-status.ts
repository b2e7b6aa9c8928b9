import type { ModelStatus } from '../../core/inference-service.js';
import type { ModelVersionState, ModelVersionStatus } from '../../core/model.js';

/** From the state that says most about a model to the one that says least. */
const statesByWeight: readonly ModelVersionState[] = ['AVAILABLE', 'LOADING', 'START', 'UNLOADING', 'END'];

/** `GET /v1/models`: a line a model, and the same as OpenAI's clients read it. */
export const modelList = (models: readonly ModelStatus[]): object => ({
  models: models.map(modelSummary),
  object: 'list',
  data: models.map(({ name }) => ({ id: name, object: 'model', created: 0, owned_by: 'slipway' })),
});

function modelSummary({ name, versions, problem }: ModelStatus): object {
  const states = versions.map((version) => version.state);
  const labels = versions.flatMap((version) => version.labels.map((label) => [label, String(version.version)]));
  const reason = problem ?? versions.find((version) => version.reason !== undefined)?.reason;
  return {
    name,
    versions: versions.map((version) => String(version.version)).reverse(),
    state: statesByWeight.find((state) => states.includes(state)) ?? 'END',
    ...(labels.length > 0 && { labels: Object.fromEntries(labels) as object }),
    ...(reason !== undefined && { reason }),
  };
}

/** `GET /v1/models/{name}`, as TensorFlow Serving's GetModelStatus and KServe's readiness; what they do not know is added. */
export const modelStatus = ({ name, versions, problem }: ModelStatus): object => ({
  name,
  ready: versions.some(({ state }) => state === 'AVAILABLE'),
  model_version_status: versions.map(versionStatus),
  ...(problem !== undefined && { problem }),
});

function versionStatus({ version, state, reason, labels }: ModelVersionStatus): object {
  const isWell = state === 'AVAILABLE' || reason === undefined;
  return {
    version: String(version),
    state,
    status: { error_code: isWell ? 'OK' : 'FAILED_PRECONDITION', error_message: reason ?? '' },
    ...(labels.length > 0 && { labels }),
  };
}
