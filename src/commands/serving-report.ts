import { samplePredictBody } from '../protocols/operations/sample-request.js';
import { formatCosts } from './format-cost.js';
import { pythonBody } from './python-body.js';
import type { ServingTrial } from './try-serving.js';

/** What `slipway inspect` prints of a model that was tried out. */
export function formatServing(trial: ServingTrial): string {
  const { name, costs } = trial;
  const lines = [
    'On this machine',
    `  requests  ${describeBatching(trial)}`,
    ...(costs.length === 0 ? [] : [`  a run     takes ${formatCosts(costs)}`]),
    '',
    'A request',
    ...request(trial, name),
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

const longestShown = 1000;

function request(trial: ServingTrial, name: string): string[] {
  if (trial.refusal !== undefined) {
    return [
      '  none of the made-up inputs that were tried suits the model; to the plainest it said',
      `  ${trial.refusal.message}`,
    ];
  }
  const call = `curl -s localhost:8080/v1/models/${name}/predict -d`;
  const body = samplePredictBody(trial);
  if (body.length <= longestShown) return [`  ${call} ${shellQuoted(body)}`];
  const program = `import json; print(json.dumps(${pythonBody(trial)}))`;
  return [`  python3 -c ${shellQuoted(program)} |`, `    ${call} @-`];
}

const shellQuoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
