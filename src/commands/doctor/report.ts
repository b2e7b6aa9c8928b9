import { type FindingLevel, findingLevels } from '../../onnx/doctor/finding.js';
import type { ModelInspection } from '../../onnx/inspect-model.js';
import type { ServingTrial } from '../try-serving.js';
import type { DoctorFinding } from './serving-finding.js';

/** What the doctor found out about one version of a model, or about a model that has none. */
export interface ModelReport {
  readonly name: string;
  readonly version?: number;
  /** Of the model file, absolute. */
  readonly path?: string;
  /** Absent where the file could not be read. */
  readonly inspection?: ModelInspection;
  /** Absent where the model could not be tried out. */
  readonly trial?: ServingTrial;
  /** Errors first. */
  readonly findings: readonly DoctorFinding[];
}

export interface DoctorReport {
  /** What concerns no single model. */
  readonly findings: readonly DoctorFinding[];
  readonly models: readonly ModelReport[];
}

export const bySeverity = (findings: readonly DoctorFinding[]): readonly DoctorFinding[] =>
  findings.toSorted((a, b) => findingLevels.indexOf(a.level) - findingLevels.indexOf(b.level));

export type FindingCounts = Readonly<Record<FindingLevel, number>>;

export function countFindings({ findings, models }: DoctorReport): FindingCounts {
  const all = [...findings, ...models.flatMap((model) => model.findings)];
  const count = (level: FindingLevel) => all.filter((finding) => finding.level === level).length;
  return { error: count('error'), warning: count('warning'), note: count('note') };
}

/** `isStrict`: warnings count, too. */
export const isHealthy = ({ error, warning }: FindingCounts, isStrict: boolean): boolean =>
  error === 0 && !(isStrict && warning > 0);
