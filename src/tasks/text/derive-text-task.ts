import type { TaskFacts, TaskPlan, TaskSettings, TaskType } from '../../core/task.js';
import type { ModelFiles } from '../model-files.js';
import { classificationRules } from './classification-rules.js';
import { embeddingRules } from './embedding-rules.js';
import { graphInputs } from './graph-inputs.js';
import { type Derived, TaskOff, type TextTaskSource } from './text-task-source.js';
import { tokenizerRules } from './tokenizer-rules.js';

/** The settings of a text task: those of `model.json`, and what the files say for the others. */
export async function deriveTextTask(source: TextTaskSource): Promise<TaskFacts> {
  const { files, signature, settings, found } = source;
  try {
    if (!files.has('tokenizer.json')) throw new TaskOff(noTokenizer(files));
    graphInputs(signature, source.known.config);
    const notes: string[] = [];
    const derived: Derived = {
      type: [found.type, found.origin],
      ...(await tokenizerRules(source)),
      ...(await (found.type === 'text-embedding' ? embeddingRules(source, notes) : classificationRules(source))),
    };
    return { plan: planOf(derived, settings, found.type, notes) };
  } catch (error) {
    if (!(error instanceof TaskOff)) throw error;
    return { off: error.message };
  }
}

function noTokenizer(files: ModelFiles): string {
  const slow = ['vocab.txt', 'spiece.model', 'sentencepiece.bpe.model', 'vocab.json'].find((name) => files.has(name));
  const why = slow === undefined ? '' : ` (${slow} alone is not enough)`;
  return `tokenizer.json is missing${why}: save the fast tokenizer beside the model with tokenizer.save_pretrained`;
}

function planOf(derived: Derived, settings: TaskSettings, type: TaskType, notes: readonly string[]): TaskPlan {
  const values: Record<string, unknown> = {};
  const origins: Record<string, string> = {};
  for (const [key, [value, origin]] of Object.entries(derived) as [string, readonly [unknown, string]][]) {
    values[key] = value;
    origins[key] = origin;
  }
  for (const [key, value] of Object.entries(settings)) {
    values[key] = value;
    origins[key] = 'model.json';
  }
  return { settings: { ...values, type }, origins, notes };
}
