import type { JsonFile, ModelFiles } from '../model-files.js';
import { sequenceLength } from './graph-inputs.js';
import { type Derived, TaskOff, type TextTaskSource } from './text-task-source.js';

/** Names that sentence-transformers has had for the file with the limit. */
const sentenceFiles = [
  'sentence_bert_config.json',
  'sentence_roberta_config.json',
  'sentence_distilbert_config.json',
  'sentence_camembert_config.json',
  'sentence_albert_config.json',
  'sentence_xlm-roberta_config.json',
  'sentence_xlnet_config.json',
] as const;

/** What transformers writes where a tokenizer has no limit is far beyond. */
const largestLimit = 1_000_000;
/** Their positions begin behind the padding's number. */
const offsetFamilies: ReadonlySet<string> = new Set(['roberta', 'xlm-roberta', 'camembert']);
/** What text-embeddings-inference runs at a time, too. */
const usualBatchTokens = 16_384;
/** Room for a token between two special ones. */
const smallestLimit = 3;

/** How texts become tokens: limit, case, padding, prompts. */
export async function tokenizerRules({ files, signature, known }: TextTaskSource): Promise<Derived> {
  const { config, sentences } = known;
  const sentence = await firstOf(files, sentenceFiles);
  const tokenizer = await files.json('tokenizer_config.json');
  const maxTokens = limitOf({ sentence, tokenizer, config }, sequenceLength(signature) ?? Number.POSITIVE_INFINITY);
  const prompts = sentences?.object('prompts');
  const given = prompts?.entries.filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string' && entry[1] !== '',
  );
  const defaultPrompt = sentences?.text('default_prompt_name');
  return {
    ...(maxTokens && { maxTokens }),
    maxBatchTokens: [usualBatchTokens, 'the default'],
    ...(sentence?.truth('do_lower_case') === true && { lowerCase: [true, `${sentence.name}: do_lower_case`] }),
    padding: paddingOf(config, tokenizer),
    ...(given !== undefined &&
      given.length > 0 && { prompts: [Object.fromEntries(given), `${sentences?.name}: prompts`] }),
    ...(defaultPrompt !== undefined && {
      defaultPrompt: [defaultPrompt, `${sentences?.name}: default_prompt_name`],
    }),
  };
}

async function firstOf(files: ModelFiles, names: readonly string[]): Promise<JsonFile | undefined> {
  const name = names.find((one) => files.has(one));
  return name === undefined ? undefined : files.json(name);
}

interface LimitFiles {
  readonly sentence: JsonFile | undefined;
  readonly tokenizer: JsonFile | undefined;
  readonly config: JsonFile | undefined;
}

/** The first that is said; never more than the graph has positions for. */
function limitOf({ sentence, tokenizer, config }: LimitFiles, graphLength: number): Derived['maxTokens'] {
  const positions = positionsOf(config);
  const said = [
    [sentence?.number('max_seq_length'), `${sentence?.name}: max_seq_length`],
    [below(tokenizer?.number('model_max_length')), 'tokenizer_config.json: model_max_length'],
    positions ?? [undefined, ''],
  ] as const;
  const first = said.find(([value]) => value !== undefined) ?? ([Number.POSITIVE_INFINITY, ''] as const);
  const [limit = Number.POSITIVE_INFINITY, origin] = first;
  const bounds = [
    [limit, origin],
    positions ?? [Number.POSITIVE_INFINITY, ''],
    [graphLength, 'the graph: its inputs have this length'],
  ] as const;
  const [smallest, why] = bounds.reduce((least, bound) => (bound[0] < least[0] ? bound : least));
  if (smallest === Number.POSITIVE_INFINITY) return undefined;
  if (smallest < smallestLimit) throw new TaskOff(`${why} allows ${smallest} tokens, which leaves room for no text`);
  return [Math.floor(smallest), why];
}

const below = (limit: number | undefined): number | undefined =>
  limit !== undefined && limit < largestLimit ? limit : undefined;

function positionsOf(config: JsonFile | undefined): readonly [number, string] | undefined {
  if (config === undefined) return undefined;
  const trained = config.number('max_trained_positions');
  if (trained !== undefined) return [trained, `${config.name}: max_trained_positions`];
  const positions = config.number('max_position_embeddings');
  if (positions === undefined || positions < 1) return undefined;
  const isOffset = offsetFamilies.has(config.text('model_type') ?? '');
  const offset = isOffset ? (config.number('pad_token_id') ?? 1) + 1 : 0;
  return [positions - offset, `${config.name}: max_position_embeddings`];
}

function paddingOf(config: JsonFile | undefined, tokenizer: JsonFile | undefined): NonNullable<Derived['padding']> {
  const side = tokenizer?.text('padding_side') === 'left' ? 'left' : 'right';
  const said = config?.number('pad_token_id');
  if (said !== undefined && said >= 0) return [{ id: said, side }, `${config?.name}: pad_token_id`];
  const token = tokenizer?.text('pad_token') ?? tokenizer?.object('pad_token')?.text('content');
  // Numbered by the tokenizer itself, when it is loaded.
  if (token !== undefined) return [{ side }, 'tokenizer_config.json: pad_token'];
  const end = config?.number('eos_token_id');
  return end === undefined ? [{ id: 0, side }, 'the default'] : [{ id: end, side }, `${config?.name}: eos_token_id`];
}
