import type { FileFinding, Finding } from '../../onnx/doctor/finding.js';

/** What looking at the folder, loading a model and running it can tell. docs/doctor.md explains each. */
export const servingFindingCodes = [
  'no-models',
  'repository',
  'model-name',
  'no-model-file',
  'not-honoured',
  'model-settings',
  'missing-version',
  'version-not-served',
  'load-refused',
  'load-crashed',
  'out-of-memory',
  'timeout',
  'unavailable',
  'untried',
  'run-timeout',
  'run-crashed',
  'not-batched',
  'batch-axis',
  'batching-unproven',
  'task-off',
  'task',
] as const;

export type ServingFinding = Finding<(typeof servingFindingCodes)[number]>;

export type DoctorFinding = FileFinding | ServingFinding;
