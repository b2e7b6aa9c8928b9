import type { ModelConfig } from '../../core/model-config.js';
import type { GoldenFile } from '../../core/model-source.js';
import { ServingError } from '../../core/serving-error.js';
import { findingsOf } from '../../onnx/doctor/findings.js';
import { inspectModel, type ModelInspection } from '../../onnx/inspect-model.js';
import { type ServingTrial, tryServing } from '../try-serving.js';
import { failureFinding } from './failure-finding.js';
import { bySeverity, type ModelReport } from './report.js';
import type { DoctorFinding, ServingFinding } from './serving-finding.js';
import { tensorFindings } from './settings-findings.js';
import { taskFindings } from './task-findings.js';
import { type FileFacts, trialFindings } from './trial-findings.js';

/** A model file to examine, and the settings that it would be served with. */
export interface Target {
  readonly name: string;
  readonly version: number;
  /** Absolute. */
  readonly path: string;
  readonly config: ModelConfig;
  readonly goldenFiles?: readonly GoldenFile[] | undefined;
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
export async function examineModel(target: Target, options: ExamineOptions): Promise<ModelReport> {
  const { name, version, path, config } = target;
  const findings: DoctorFinding[] = [...target.findings];
  const inspection = await read(path, findings);
  const served = inspection?.served;
  if (served !== undefined) findings.push(...tensorFindings(config, served.signature));
  const isWellSet = !findings.some(({ code, level }) => code === 'model-settings' && level === 'error');
  const trial = served && isWellSet ? await tryOut(target, options, findings) : undefined;
  if (inspection !== undefined) findings.push(...findingsOf(inspection, trial?.batching));
  if (trial !== undefined) {
    const isFixed = findings.some(({ code }) => code === 'fixed-batch');
    findings.push(...taskFindings(trial.task));
    findings.push(...trialFindings(trial, config, { isFixed, ...fileFacts(inspection) }));
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

function fileFacts(inspection: ModelInspection | undefined): FileFacts {
  const operators = inspection?.file.operators.get('ai.onnx');
  const isRecurrent = ['LSTM', 'GRU', 'RNN'].some((operator) => operators?.has(operator));
  return { couplings: inspection?.modes.couplings ?? [], isRecurrent };
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
  { name, version, path, config }: Target,
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
