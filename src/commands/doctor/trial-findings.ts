import { EngineFailure } from '../../core/inference-engine.js';
import type { ModelConfig } from '../../core/model-config.js';
import type { ServingTrial } from '../try-serving.js';
import type { ServingFinding } from './serving-finding.js';

/** What trying a model out tells. `isFixed`: the file itself says already that its first axis is fixed. */
export function trialFindings(
  { batching, refusal }: Pick<ServingTrial, 'batching' | 'refusal'>,
  config: ModelConfig,
  isFixed: boolean,
): readonly ServingFinding[] {
  const untried = refusal === undefined ? [] : [untriedFinding(refusal)];
  if (batching.kind !== 'none') return untried;
  const { reason } = batching;
  if (config.batching === 'on') {
    const message = `model.json turns batching on, but a trial did not confirm it: ${reason}`;
    const remedy = 'leave "batching" at "auto" unless you know better';
    return [...untried, { level: 'warning', code: 'batching-unproven', message, remedy }];
  }
  if (isFixed || refusal !== undefined) return untried;
  return [{ level: 'note', code: 'not-batched', message: `requests run one at a time: ${reason}` }];
}

const consequence = 'its speed, and whether its requests can share runs, stay unknown';

function untriedFinding(refusal: NonNullable<ServingTrial['refusal']>): ServingFinding {
  if (!(refusal instanceof EngineFailure)) {
    const message = `it takes none of the made-up inputs that were tried: ${consequence}. To the plainest it said: ${refusal.message}`;
    const remedy = 'try it with a real request; set "batching": "on" in model.json if its rows are independent';
    return { level: 'warning', code: 'untried', message, remedy };
  }
  if (refusal.kind === 'RUN_TIMEOUT' || refusal.kind === 'STALLED') {
    const message = `a run on made-up inputs did not end in time: ${consequence}`;
    const remedy = 'try it with a real request, and bound its runs by runTimeoutMs in model.json';
    return { level: 'warning', code: 'run-timeout', message, remedy };
  }
  const message = `a run on made-up inputs ended the engine process (${refusal.exit}): ${consequence}`;
  const remedy = 'check inputs before they are sent: each that does this costs a restart';
  return { level: 'warning', code: 'run-crashed', message, remedy };
}
