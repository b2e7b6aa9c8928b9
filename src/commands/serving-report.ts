import { sampleCurl } from '../protocols/operations/sample-curl.js';
import { formatCosts } from './format-cost.js';
import { formatTask } from './format-task.js';
import type { ServingTrial } from './try-serving.js';

/** What `slipway inspect` prints of a model that was tried out, whose file was named so. */
export function formatServing(trial: ServingTrial, file: string): string {
  const { name, costs, task } = trial;
  const lines = [
    'On this machine',
    `  requests  ${describeBatching(trial)}`,
    ...(costs.length === 0 ? [] : [`  a run     takes ${formatCosts(costs)}`]),
    ...(task === undefined ? [] : ['', 'Its task', ...formatTask(task)]),
    '',
    'A request',
    ...request(trial, name, file),
  ];
  return `\n${lines.join('\n')}\n`;
}

/** How requests share runs. */
export function describeBatching({ batching, maxBatchRows }: Pick<ServingTrial, 'batching' | 'maxBatchRows'>): string {
  switch (batching.kind) {
    case 'dynamic':
      return `share runs of up to ${maxBatchRows} rows: its rows were shown to be independent`;
    case 'fixed':
      return batching.rows === 1
        ? 'run one at a time: its first axis is fixed to 1'
        : `share runs of exactly ${batching.rows} rows, padded where fewer wait`;
    case 'none':
      return `run one at a time: ${batching.reason}`;
  }
}

function request(trial: ServingTrial, name: string, file: string): string[] {
  if (trial.trialFailure !== undefined) {
    return [
      '  none of the made-up inputs that were tried suits the model; to the plainest it said',
      `  ${trial.trialFailure.message}`,
    ];
  }
  return [`  ${sampleCurl(trial, `localhost:8080/v1/models/${name}/predict`, file)}`];
}
