import type { FileFinding, Finding } from '../../onnx/doctor/finding.js';

/** What looking at the folder, loading a model and running it can tell. docs/doctor.md explains each. */
export const servingFindingCodes = [
  'no-models',
  'repository',
  'model-name',
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
  'batching-unproven',
] as const;

export type ServingFinding = Finding<(typeof servingFindingCodes)[number]>;

export type DoctorFinding = FileFinding | ServingFinding;
