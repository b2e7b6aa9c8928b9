import type { ModelVersionId } from '../../core/model.js';
import type { Preparation, Preparer, TokenSequence } from '../../core/preparation.js';
import type { Servable } from '../../core/servable.js';
import { ServingError } from '../../core/serving-error.js';
import type { ModelFolder, TaskPlan } from '../../core/task.js';
import { JsonFile } from '../../tasks/model-files.js';
import { ClassificationHead, RerankHead } from '../../tasks/text/classification-head.js';
import { DenseLayer } from '../../tasks/text/dense-layer.js';
import { EmbeddingHead } from '../../tasks/text/embedding-head.js';
import { graphInputs, sequenceLength } from '../../tasks/text/graph-inputs.js';
import type { TextHead } from '../../tasks/text/text-head.js';
import { TokenClassificationHead } from '../../tasks/text/token-classification-head.js';
import { provePadding } from './prove-padding.js';
import { TextTask, type TextTaskParts } from './text-task.js';

export interface OpenTextTaskOptions {
  readonly id: ModelVersionId;
  readonly plan: TaskPlan;
  readonly folder: ModelFolder;
  readonly preparation: Preparation;
}

const mostTokenizerBytes = 256 * 2 ** 20;
const mostWeightBytes = 256 * 2 ** 20;

/** Rejects with an Error that says why the task cannot be served; nothing is left behind then. */
export async function openTextTask(inner: Servable, options: OpenTextTaskOptions): Promise<TextTask> {
  const { id, plan, folder, preparation } = options;
  const { signature } = inner.description;
  const config = await readJson(folder, 'config.json');
  const words = await readJson(folder, 'tokenizer_config.json');
  const preparer = await preparation.open({
    id,
    tokenizer: await folder.read('tokenizer.json', mostTokenizerBytes),
    specialTokens: specialTokens(words),
  });
  try {
    const { settings } = plan;
    const { padding = {} } = settings;
    const parts: TextTaskParts = {
      plan,
      preparer,
      head: await headOf(inner, options, preparer),
      inputs: graphInputs(signature, config),
      output: settings.output as string,
      padding: { id: padding.id ?? preparer.tokenizer.specialIds.pad ?? 0, side: padding.side ?? 'right' },
      maxTokens: settings.maxTokens ?? Number.POSITIVE_INFINITY,
      maxBatchTokens: settings.maxBatchTokens ?? Number.POSITIVE_INFINITY,
      fixedLength: sequenceLength(signature),
      isPadded: false,
    };
    const proof = await provePadding(inner, parts);
    const notes = proof.note === undefined ? plan.notes : [...plan.notes, proof.note];
    return new TextTask(inner, { ...parts, plan: { ...plan, notes }, isPadded: proof.isPadded });
  } catch (error) {
    await preparer.close();
    throw error;
  }
}

async function readJson(folder: ModelFolder, name: string): Promise<JsonFile | undefined> {
  if (!folder.names.has(name)) return undefined;
  const text = new TextDecoder().decode(await folder.read(name, 2 ** 22));
  return new JsonFile(name, JSON.parse(text));
}

/** A token stands for itself, or is described by an object. */
function specialTokens(words: JsonFile | undefined): Record<string, string> {
  const tokens: Record<string, string> = {};
  for (const [purpose, key] of [
    ['pad', 'pad_token'],
    ['unknown', 'unk_token'],
  ] as const) {
    const token = words?.text(key) ?? words?.object(key)?.text('content');
    if (token !== undefined) tokens[purpose] = token;
  }
  return tokens;
}

async function headOf(inner: Servable, { plan, folder }: OpenTextTaskOptions, preparer: Preparer): Promise<TextHead> {
  const { settings } = plan;
  switch (settings.type) {
    case 'text-classification':
      return new ClassificationHead(settings);
    case 'rerank':
      return new RerankHead(settings);
    case 'text-embedding': {
      const dense = await Promise.all((settings.dense ?? []).map((path) => denseLayer(folder, path)));
      const output = inner.description.signature.outputs.find(({ name }) => name === settings.output);
      const size = output?.shape?.at(-1);
      const modes = settings.pooling === 'none' ? 1 : (settings.pooling?.length ?? 1);
      const width = dense.at(-1)?.width ?? (typeof size === 'number' ? size * modes : null);
      const prompts = await promptLengths(settings, preparer);
      return new EmbeddingHead({ settings, dense, width, promptTokens: (prompt) => prompts.get(prompt) ?? 0 });
    }
    case 'token-classification': {
      const { subwordPrefix, specialIds } = preparer.tokenizer;
      return new TokenClassificationHead(settings, { subwordPrefix, unknownId: specialIds.unknown });
    }
    default:
      throw new Error(`a model of ${settings.type} takes no texts`);
  }
}

async function denseLayer(folder: ModelFolder, path: string): Promise<DenseLayer> {
  const weights = `${path}/model.safetensors`;
  if (!folder.names.has(weights)) throw new Error(`${weights} is missing: save the model with safetensors`);
  try {
    const config = JSON.parse(new TextDecoder().decode(await folder.read(`${path}/config.json`, 2 ** 20)));
    return new DenseLayer(config, await folder.read(weights, mostWeightBytes));
  } catch (error) {
    if (error instanceof ServingError) throw error;
    throw new Error(`the dense layer of ${path} cannot be used: ${(error as Error).message}`);
  }
}

/** Tokens that each prompt begins a text with: as sentence-transformers counts them, all but the last special one. */
async function promptLengths({ prompts = {} }: TaskPlan['settings'], preparer: Preparer): Promise<Map<string, number>> {
  const texts = Object.values(prompts);
  if (texts.length === 0) return new Map();
  const { sequences } = await preparer.tokenize({ texts, details: false }, {});
  return new Map(sequences.map(({ text, ids }: TokenSequence) => [texts[text] as string, ids.length - 1]));
}
