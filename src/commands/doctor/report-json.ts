import { describeTask } from '../../core/describe-task.js';
import type { Batching, RunCost } from '../../core/model.js';
import type { TensorSpec } from '../../core/tensor-spec.js';
import type { ModelFile } from '../../onnx/model-file.js';
import type { ServingTrial } from '../try-serving.js';
import { countFindings, type DoctorReport, isHealthy, type ModelReport } from './report.js';

export interface ReportFacts {
  /** Whether warnings count. */
  readonly isStrict: boolean;
  /** Of this program and of onnxruntime. */
  readonly versions: { readonly slipway: string; readonly onnxruntime: string };
}

/** The report for programs, as docs/doctor.md describes it: keys are added, never changed. */
export function reportJson(report: DoctorReport, { isStrict, versions }: ReportFacts): object {
  const counts = countFindings(report);
  return {
    ...versions,
    healthy: isHealthy(counts, isStrict),
    counts: { models: report.models.length, errors: counts.error, warnings: counts.warning, notes: counts.note },
    findings: report.findings,
    models: report.models.map(modelJson),
  };
}

function modelJson({ name, version, path, inspection, trial, findings }: ModelReport): object {
  return {
    name,
    ...(version !== undefined && { version }),
    ...(path !== undefined && { path }),
    ...(inspection && { file: fileJson(inspection.file) }),
    ...(trial && { serving: servingJson(trial) }),
    findings,
  };
}

const fileJson = ({ format, outline, fileBytes, sizeBytes, parameterCount }: ModelFile): object => ({
  format,
  producer: `${outline.producerName} ${outline.producerVersion}`.trim(),
  ir_version: outline.irVersion,
  opsets: Object.fromEntries(outline.opsets),
  parameters: parameterCount,
  bytes: fileBytes,
  bytes_with_external_data: sizeBytes,
});

const servingJson = ({
  signature,
  batching,
  maxBatchRows,
  instances,
  engineBytes,
  costs,
  task,
}: ServingTrial): object => ({
  inputs: signature.inputs.map(tensorJson),
  outputs: signature.outputs.map(tensorJson),
  batching: batchingJson(batching, maxBatchRows),
  instances,
  engine_bytes: engineBytes,
  latency: costs.map(costJson),
  ...(task && { task: describeTask(task) }),
});

function costJson(cost: RunCost): object {
  const ms = Number(cost.ms.toPrecision(4));
  return 'rows' in cost ? { rows: Math.round(cost.rows), ms } : { tokens: Math.round(cost.tokens), ms };
}

/** A size that is not fixed is its name, or null; an unknown rank is a null shape. */
const tensorJson = ({ name, dataType, shape, optional }: TensorSpec): object => ({
  name,
  datatype: dataType,
  shape,
  ...(optional === true && { optional }),
});

function batchingJson(batching: Batching, maxBatchRows: number): object {
  switch (batching.kind) {
    case 'dynamic':
      return { kind: 'dynamic', max_rows: maxBatchRows };
    case 'fixed':
      return { kind: 'fixed', rows: batching.rows };
    case 'none':
      return { kind: 'none', reason: batching.reason };
  }
}
