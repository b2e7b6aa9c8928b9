import { samplePredictBody } from '../protocols/operations/sample-request.js';
import type { ServingTrial } from './try-serving.js';

/** What `slipway inspect` prints of a model that was tried out. */
export function formatServing(trial: ServingTrial): string {
  const { name, batching, maxBatchRows, costs } = trial;
  const batches = {
    dynamic: () => `share runs of up to ${maxBatchRows} rows: its rows were shown to be independent`,
    fixed: () => `share runs of exactly ${maxBatchRows} rows, padded where fewer wait`,
    none: () => `run one at a time: ${batching.kind === 'none' ? batching.reason : ''}`,
  }[batching.kind]();
  const lines = [
    'On this machine',
    `  requests  ${batches}`,
    ...(costs.length === 0 ? [] : [`  a run     takes ${costs.map(formatCost).join(', ')}`]),
    '',
    'A request',
    ...request(trial, name),
  ];
  return `\n${lines.join('\n')}\n`;
}

const formatCost = ({ rows, ms }: { rows: number; ms: number }): string => {
  const time = ms < 1 ? `${Math.max(1, Math.round(ms * 1000))} µs` : `${ms.toFixed(1)} ms`;
  return `${time} for ${Math.round(rows) === 1 ? '1 row' : Math.round(rows)}`;
};

const longestShown = 2000;

function request(trial: ServingTrial, name: string): string[] {
  if (trial.sample.length === 0) return ['  none of the made-up inputs that were tried suits the model'];
  const body = samplePredictBody(trial).replaceAll("'", "'\\''");
  if (body.length > longestShown) {
    return [`  a body of ${body.length} characters, which begins with`, `  ${body.slice(0, 200)}…`];
  }
  return [`  curl -s localhost:8080/v1/models/${name}/predict -d '${body}'`];
}
