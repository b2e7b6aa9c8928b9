import { describeTask } from '../core/describe-task.js';
import type { TaskFacts } from '../core/task.js';

/** What `slipway inspect` prints of a model's task: settings as `model.json` takes them, and where each came from. */
export function formatTask(facts: TaskFacts): readonly string[] {
  const described = describeTask(facts);
  if ('off' in described) return [`  is off: ${described.off}`, '  The tensors of the graph are served all the same.'];
  const { model_json, origins, notes = [] } = described;
  return [
    ...Object.entries(origins).map(([setting, origin]) => `  ${setting.padEnd(widest)} by ${origin}`),
    ...notes.map((note) => `  ${note}`),
    '  as model.json has it:',
    ...JSON.stringify(model_json, undefined, 2)
      .split('\n')
      .map((line) => `  ${line}`),
  ];
}

/** Of the settings' names. */
const widest = 14;

/** In one line: what it is, and what said so; or why it is none. */
export function taskLine(facts: TaskFacts): string {
  if ('off' in facts) return `off: ${facts.off}`;
  const { settings, origins } = facts.plan;
  return `${settings.type}, by ${origins.type}`;
}
