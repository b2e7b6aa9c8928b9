import type { TaskFacts } from './task.js';

/** What a model does as its users are shown it, or why a task that its files point to is not served. */
export type TaskDescription =
  | { readonly off: string }
  | {
      /** To be copied into `model.json`, and changed there. */
      readonly model_json: { readonly task: object; readonly image?: object; readonly detection?: object };
      /** Setting → the file, and the place in it, that said so. */
      readonly origins: Readonly<Record<string, string>>;
      readonly notes?: readonly string[];
    };

export function describeTask(facts: TaskFacts): TaskDescription {
  if ('off' in facts) return { off: facts.off };
  const { settings, image, detection, origins, notes } = facts.plan;
  return {
    model_json: { task: settings, ...(image && { image }), ...(detection && { detection }) },
    origins,
    ...(notes.length > 0 && { notes }),
  };
}
