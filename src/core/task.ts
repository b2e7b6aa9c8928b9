import type { DetectionPlan } from './detection-plan.js';
import type { ImagePlan } from './image-plan.js';

/** What a model does, as its users say it. */
export const taskTypes = [
  'text-embedding',
  'text-classification',
  'rerank',
  'token-classification',
  'image-classification',
  'object-detection',
] as const;
export type TaskType = (typeof taskTypes)[number];

/** Whether it takes pictures; others take texts. */
export const isImageTask = (type: TaskType): boolean => type === 'image-classification' || type === 'object-detection';

export const poolingModes = ['cls', 'mean', 'max', 'mean_sqrt_len', 'weightedmean', 'lasttoken'] as const;
export type PoolingMode = (typeof poolingModes)[number];

/** From logits to scores. */
export const scoreFunctions = ['softmax', 'sigmoid', 'none'] as const;
export type ScoreFunction = (typeof scoreFunctions)[number];

/** How tokens become entities, as transformers names it. */
export const aggregationStrategies = ['none', 'simple', 'first', 'average', 'max'] as const;
export type AggregationStrategy = (typeof aggregationStrategies)[number];

/** A task as `model.json` has it. What is absent is found out from the files beside the model. */
export interface TaskSettings {
  readonly type?: TaskType;
  /** Special tokens included; a longer text is cut. */
  readonly maxTokens?: number;
  /** Rows × tokens of one run, at most; how many are worth it is found by measurement. */
  readonly maxBatchTokens?: number;
  /** Texts are lower-cased before the tokenizer has them. */
  readonly lowerCase?: boolean;
  /** The output of the graph that the answer is made of. */
  readonly output?: string;
  readonly padding?: { readonly id?: number; readonly side?: 'left' | 'right' };
  /** Put before a text, by the names that requests have for them. */
  readonly prompts?: Readonly<Record<string, string>>;
  /** For requests that name none. */
  readonly defaultPrompt?: string;
  /** Several are laid end to end; `none`: the output has a vector a text. */
  readonly pooling?: 'none' | readonly PoolingMode[];
  /** Whether the tokens of the prompt are pooled, too. */
  readonly poolsPrompt?: boolean;
  /** Folders of dense layers behind the pooling, in their order. */
  readonly dense?: readonly string[];
  readonly normalize?: boolean;
  readonly labels?: readonly string[];
  readonly scores?: ScoreFunction;
  /** For requests that name none. */
  readonly aggregation?: AggregationStrategy;
  /** Entities of these labels are left out. */
  readonly ignoreLabels?: readonly string[];
}

/** A model's task, and where each of its settings came from. */
export interface TaskPlan {
  readonly settings: TaskSettings & { readonly type: TaskType };
  /** Of tasks that take pictures. */
  readonly image?: ImagePlan;
  /** Of those that find things in them. */
  readonly detection?: DetectionPlan;
  /** Setting → the file, and the place in it, that said so. */
  readonly origins: Readonly<Record<string, string>>;
  /** What is not as the files say, a sentence each. */
  readonly notes: readonly string[];
}

/** What a model's files come to: a task, or why there is none although something points to one. */
export type TaskFacts = { readonly plan: TaskPlan } | { readonly off: string };

/** The files that lie with a model. */
export interface ModelFolder {
  /** Relative to the folder. */
  readonly names: ReadonlySet<string>;
  /** The whole file; rejects where it is larger than `mostBytes`. */
  read(name: string, mostBytes: number): Promise<Uint8Array>;
}
