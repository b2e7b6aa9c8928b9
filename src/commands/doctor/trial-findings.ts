import type { Batching } from '../../core/model.js';
import type { ModelConfig } from '../../core/model-config.js';
import { ProcessFailure } from '../../core/process-failure.js';
import type { RowCoupling } from '../../onnx/doctor/row-coupling.js';
import type { ServingTrial } from '../try-serving.js';
import type { ServingFinding } from './serving-finding.js';

export interface FileFacts {
  /** Whether the file itself says already that its first axis is fixed. */
  readonly isFixed?: boolean;
  /** Operators of it that look at several rows at once. */
  readonly couplings?: readonly RowCoupling[];
  /** Whether it holds LSTM, GRU or RNN, which have the batch second by default. */
  readonly isRecurrent?: boolean;
}

/** What trying a model out tells, in the light of what the file says. */
export function trialFindings(
  { batching, trialFailure }: Pick<ServingTrial, 'batching' | 'trialFailure'>,
  config: ModelConfig,
  { isFixed = false, couplings = [], isRecurrent = false }: FileFacts = {},
): readonly ServingFinding[] {
  const untried = trialFailure === undefined ? [] : [untriedFinding(trialFailure)];
  if (batching.kind !== 'none') return [...untried, ...batchAxisFindings(batching)];
  const { reason } = batching;
  const unnamed = couplings.filter(({ operator }) => !reason.includes(operator));
  const because = [reason, ...unnamed.map(({ operator, effect }) => `${operator} ${effect}`)].join('; ');
  if (config.batching === 'on') {
    const message = `its settings turn batching on, but a trial did not confirm it: ${because}`;
    const remedy = 'leave "batching" at "auto" unless you know better';
    return [...untried, { level: 'warning', code: 'batching-unproven', message, remedy }];
  }
  if (isFixed || trialFailure !== undefined) return untried;
  const isWanted = config.batching === 'off';
  const remedy = couplings.find((coupling) => coupling.remedy)?.remedy ?? (isRecurrent ? batchFirst : undefined);
  const message = `requests run one at a time: ${isWanted ? reason : because}`;
  return [{ level: 'note', code: 'not-batched', message, ...(remedy && !isWanted && { remedy }) }];
}

const batchFirst =
  'if its batch is the second axis, export it with the first (PyTorch: batch_first=True in LSTM, GRU and RNN), or name the axis "batch" in every input and output';

/** Rows that lie elsewhere than along axis 0. */
function batchAxisFindings({ axes }: Batching): readonly ServingFinding[] {
  const named = (kind: string, tensors: ReadonlyMap<string, number>): string[] =>
    [...tensors].flatMap(([name, axis]) => (axis === 0 ? [] : [`axis ${axis} of ${kind} "${name}"`]));
  const places = axes === undefined ? [] : [...named('input', axes.inputs), ...named('output', axes.outputs)];
  if (places.length === 0) return [];
  const shown =
    places.length > mostPlaces ? [...places.slice(0, mostPlaces), `${places.length - mostPlaces} more`] : places;
  const message = `its rows lie along ${shown.join(', ')}: requests share runs along them, which takes a copy`;
  const remedy = 'nothing has to be done; axis 0 would spare the copy (PyTorch: batch_first=True in LSTM, GRU and RNN)';
  return [{ level: 'note', code: 'batch-axis', message, remedy }];
}

const mostPlaces = 6;

const consequence = 'its speed, and whether its requests can share runs, stay unknown';

function untriedFinding(trialFailure: NonNullable<ServingTrial['trialFailure']>): ServingFinding {
  if (!(trialFailure instanceof ProcessFailure)) {
    const message = `it takes none of the made-up inputs that were tried: ${consequence}. To the plainest it said: ${trialFailure.message}`;
    const remedy = 'try it with a real request; set "batching": "on" in model.json if its rows are independent';
    return { level: 'warning', code: 'untried', message, remedy };
  }
  if (trialFailure.kind === 'RUN_TIMEOUT' || trialFailure.kind === 'STALLED') {
    const message = `a run on made-up inputs did not end in time: ${consequence}`;
    const remedy = 'try it with a real request, and bound its runs by runTimeoutMs in model.json';
    return { level: 'warning', code: 'run-timeout', message, remedy };
  }
  const message = `a run on made-up inputs ended the engine process (${trialFailure.exit}): ${consequence}`;
  const remedy = 'check inputs before they are sent: each that does this costs a restart';
  return { level: 'warning', code: 'run-crashed', message, remedy };
}
