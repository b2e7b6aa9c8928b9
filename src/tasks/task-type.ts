import type { TaskType } from '../core/task.js';
import type { JsonFile, ModelFiles } from './model-files.js';

/** What is told of a task's kind. */
export type TypeFinding =
  | { readonly type: TaskType; readonly origin: string }
  /** Something points to a task that cannot be served. */
  | { readonly off: string };

export interface TypeFiles {
  readonly config: JsonFile | undefined;
  /** Of sentence-transformers. */
  readonly sentences: JsonFile | undefined;
  readonly modules: readonly Module[] | undefined;
}

/** A step of sentence-transformers' chain. */
export interface Module {
  /** The last word of its type: `Pooling`. */
  readonly kind: string;
  /** Its folder; empty for the model's own. */
  readonly path: string;
}

const embeddingModules: ReadonlySet<string> = new Set(['Transformer', 'Pooling', 'Dense', 'Normalize', 'Dropout']);

const byPipelineTag: Readonly<Record<string, TaskType>> = {
  'feature-extraction': 'text-embedding',
  'sentence-similarity': 'text-embedding',
  'text-classification': 'text-classification',
  'text-ranking': 'rerank',
  'token-classification': 'token-classification',
  'image-classification': 'image-classification',
  'object-detection': 'object-detection',
};

/** The first rule that fires; undefined where nothing points to a task. */
export async function findType(files: ModelFiles, known: TypeFiles): Promise<TypeFinding | undefined> {
  return (
    crossEncoder(known) ?? embeddingChain(known) ?? ofArchitecture(known.config) ?? (await ofReadme(files)) ?? undefined
  );
}

/** What sentence-transformers says of the function behind a cross-encoder's scores, and where. */
export function crossEncoderFunction({ config, sentences }: Pick<TypeFiles, 'config' | 'sentences'>) {
  const nested = config?.object('sentence_transformers');
  const found = [
    [sentences, 'activation_fn'],
    [nested, 'activation_fn'],
    [config, 'sbert_ce_default_activation_function'],
  ] as const;
  for (const [file, key] of found) {
    const value = file?.text(key);
    if (file !== undefined && value !== undefined) return { value, origin: `${file.name}: ${key}` };
  }
  return undefined;
}

function crossEncoder(known: TypeFiles): TypeFinding | undefined {
  const { config, sentences } = known;
  const activation = crossEncoderFunction(known);
  const isCrossEncoder = sentences?.text('model_type') === 'CrossEncoder' || activation !== undefined;
  if (!isCrossEncoder) return undefined;
  const origin = activation?.origin ?? `${sentences?.name}: model_type`;
  return { type: labelCount(config) === 1 ? 'rerank' : 'text-classification', origin };
}

function embeddingChain({ modules }: TypeFiles): TypeFinding | undefined {
  if (modules === undefined) return undefined;
  const foreign = modules.find(({ kind }) => !embeddingModules.has(kind));
  if (foreign !== undefined) return { off: `modules.json has a ${foreign.kind} step, which is not served` };
  return { type: 'text-embedding', origin: 'modules.json' };
}

function ofArchitecture(config: JsonFile | undefined): TypeFinding | undefined {
  if (config?.has('architecture') === true && config.has('pretrained_cfg'))
    return { type: 'image-classification', origin: `${config.name}: pretrained_cfg` };
  const architecture = config?.texts('architectures')?.[0];
  if (config === undefined || architecture === undefined) return undefined;
  const origin = `${config.name}: architectures`;
  if (architecture.endsWith('ForSequenceClassification')) {
    const isReranker = labelCount(config) === 1 && config.text('problem_type') !== 'regression';
    return { type: isReranker ? 'rerank' : 'text-classification', origin };
  }
  if (architecture.endsWith('ForTokenClassification')) return { type: 'token-classification', origin };
  if (architecture.endsWith('ForImageClassification')) return { type: 'image-classification', origin };
  if (architecture.endsWith('ForObjectDetection')) return { type: 'object-detection', origin };
  // What goes on without a task is no half of one.
  return architecture.endsWith('Model') ? { type: 'text-embedding', origin } : undefined;
}

export function labelCount(config: JsonFile | undefined): number | undefined {
  return config?.object('id2label')?.entries.length ?? config?.number('num_labels');
}

/** The front matter between two lines of dashes. */
async function ofReadme(files: ModelFiles): Promise<TypeFinding | undefined> {
  const text = await files.text('README.md');
  const matter = text === undefined ? undefined : /^---\r?\n([\s\S]*?)\r?\n---/.exec(text)?.[1];
  const tag = matter === undefined ? undefined : /^pipeline_tag:\s*["']?([\w-]+)/m.exec(matter)?.[1];
  const type = tag !== undefined && Object.hasOwn(byPipelineTag, tag) ? byPipelineTag[tag] : undefined;
  return type === undefined ? undefined : { type, origin: 'README.md: pipeline_tag' };
}
