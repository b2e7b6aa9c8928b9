import type { ModelConfig } from '../../core/model-config.js';
import { ServingError } from '../../core/serving-error.js';
import { findingsOf } from '../../onnx/doctor/findings.js';
import { inspectModel, type ModelInspection } from '../../onnx/inspect-model.js';
import { type ServingTrial, tryServing } from '../try-serving.js';
import { failureFinding } from './failure-finding.js';
import { bySeverity, type ModelReport } from './report.js';
import type { DoctorFinding, ServingFinding } from './serving-finding.js';
import { labelFindings } from './settings-findings.js';
import { trialFindings } from './trial-findings.js';

/** A model file to examine, and the settings that it would be served with. */
export interface Patient {
  readonly name: string;
  readonly version: number;
  /** Absolute. */
  readonly path: string;
  readonly config: ModelConfig;
  /** What was found before the file was opened. */
  readonly findings: readonly ServingFinding[];
}

export interface ExamineOptions {
  readonly cacheDirectory: string;
  readonly cores: number;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Reads the file and, where it can be served, tries it out. Rejects only when `signal` is aborted. */
export async function examineModel(patient: Patient, options: ExamineOptions): Promise<ModelReport> {
  const { name, version, path, config } = patient;
  const findings: DoctorFinding[] = [...patient.findings];
  const inspection = await read(path, findings);
  const served = inspection?.served;
  if (served !== undefined) findings.push(...labelFindings(config, served.signature));
  const isWellSet = !findings.some(({ code, level }) => code === 'model-settings' && level === 'error');
  const trial = served && isWellSet ? await tryOut(patient, options, findings) : undefined;
  if (inspection !== undefined) findings.push(...findingsOf(inspection, trial?.batching));
  if (trial !== undefined) {
    findings.push(
      ...trialFindings(
        trial,
        config,
        findings.some(({ code }) => code === 'fixed-batch'),
      ),
    );
  }
  return {
    name,
    version,
    path,
    ...(inspection && { inspection }),
    ...(trial && { trial }),
    findings: bySeverity(findings),
  };
}

async function read(path: string, findings: DoctorFinding[]): Promise<ModelInspection | undefined> {
  try {
    return await inspectModel(path);
  } catch (error) {
    if (!(error instanceof ServingError)) throw error;
    findings.push({ level: 'error', code: 'unreadable', message: error.message });
    return undefined;
  }
}

async function tryOut(
  { name, version, path, config }: Patient,
  options: ExamineOptions,
  findings: DoctorFinding[],
): Promise<ServingTrial | undefined> {
  // What "on" takes for granted is what a trial is to show.
  const batching = config.batching === 'on' ? 'auto' : config.batching;
  try {
    return await tryServing(path, { ...options, name, version, config: { ...config, batching } });
  } catch (error) {
    if (!(error instanceof ServingError) || error.code === 'CANCELED') throw error;
    findings.push(failureFinding(error));
    return undefined;
  }
}
