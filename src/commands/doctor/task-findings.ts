import type { TaskFacts } from '../../core/task.js';
import type { ServingFinding } from './serving-finding.js';

/** A task that the files beside a model point to, and that is not served, or not as they say. */
export function taskFindings(task: TaskFacts | undefined): readonly ServingFinding[] {
  if (task === undefined) return [];
  if ('off' in task) {
    const message = `its files point to a task that is not served, only its tensors are: ${task.off}`;
    const remedy = 'mend that, or turn the task off with "task": "none" in model.json';
    return [{ level: 'warning', code: 'task-off', message, remedy }];
  }
  return task.plan.notes.map((message) => ({ level: 'note', code: 'task', message }));
}
