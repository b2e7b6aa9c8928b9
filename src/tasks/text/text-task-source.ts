import type { TaskSettings, TaskType } from '../../core/task.js';
import type { ModelSignature, TensorSpec } from '../../core/tensor-spec.js';
import type { ModelFiles } from '../model-files.js';
import type { TypeFiles } from '../task-type.js';

export interface TextTaskSource {
  readonly files: ModelFiles;
  readonly signature: ModelSignature;
  readonly settings: TaskSettings;
  readonly known: TypeFiles;
  readonly found: { readonly type: TaskType; readonly origin: string };
}

/** A setting as the files say it, and where. */
export type Derived = { readonly [Key in keyof TaskSettings]?: readonly [value: TaskSettings[Key], origin: string] };

/** What the files say beside it turns the task off. */
export class TaskOff extends Error {
  override readonly name = 'TaskOff';
}

/** The output with one of these names, or else the only one of the rank. */
export function outputOf(signature: ModelSignature, names: readonly string[], rank: number): TensorSpec | undefined {
  const named = names.flatMap((name) => signature.outputs.find((output) => output.name === name) ?? []);
  const ofRank = signature.outputs.filter(({ shape }) => shape?.length === rank);
  return named[0] ?? (ofRank.length === 1 ? ofRank[0] : undefined);
}

export const describeOutputs = ({ outputs }: ModelSignature): string =>
  outputs.map(({ name }) => `"${name}"`).join(', ');
