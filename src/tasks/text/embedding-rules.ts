import { type PoolingMode, poolingModes } from '../../core/task.js';
import type { JsonFile } from '../model-files.js';
import { type Derived, describeOutputs, outputOf, TaskOff, type TextTaskSource } from './text-task-source.js';

const pooledOutputs = ['sentence_embedding'] as const;
const tokenOutputs = ['last_hidden_state', 'token_embeddings', 'hidden_states'] as const;

/** The older files have a truth for each, in an order of their own. */
const oldNames: readonly (readonly [key: string, mode: PoolingMode])[] = [
  ['pooling_mode_cls_token', 'cls'],
  ['pooling_mode_max_tokens', 'max'],
  ['pooling_mode_mean_tokens', 'mean'],
  ['pooling_mode_mean_sqrt_len_tokens', 'mean_sqrt_len'],
  ['pooling_mode_weightedmean_tokens', 'weightedmean'],
  ['pooling_mode_lasttoken', 'lasttoken'],
];

/** From the output of the graph to one vector a text. */
export async function embeddingRules(source: TextTaskSource, notes: string[]): Promise<Derived> {
  const { files, signature, known, settings } = source;
  const chain = known.modules ?? [];
  const normalize: Derived['normalize'] = chain.some(({ kind }) => kind === 'Normalize')
    ? [true, 'modules.json: Normalize']
    : [false, known.modules === undefined ? 'the default' : 'modules.json: no Normalize'];
  const pooled = outputOf(signature, settings.output === undefined ? pooledOutputs : [settings.output], 2);
  const tokens = outputOf(signature, settings.output === undefined ? tokenOutputs : [settings.output], 3);
  if (pooled !== undefined && (tokens === undefined || pooled.name === pooledOutputs[0])) {
    return {
      output: [pooled.name, 'the graph: it has a vector a text'],
      pooling: ['none', `the graph: its output "${pooled.name}"`],
      normalize,
    };
  }
  if (tokens === undefined) {
    throw new TaskOff(
      `none of the graph's outputs is known to hold embeddings (${describeOutputs(signature)}); name it by "output" of "task" in model.json`,
    );
  }
  const output = [tokens.name, 'the graph'] as const;
  const module = chain.find(({ kind }) => kind === 'Pooling');
  if (module === undefined) return { output, ...(await defaultPooling(source, notes)), normalize };
  const file = await files.json(`${module.path}/config.json`);
  if (file === undefined) throw new TaskOff(`${module.path}/config.json is missing: it says how tokens are pooled`);
  const dense = chain.filter(({ kind }) => kind === 'Dense').map(({ path }) => path);
  const isNotPooled = file.truth('include_prompt') === false;
  return {
    output,
    pooling: poolingOf(file),
    ...(isNotPooled && { poolsPrompt: [false, `${file.name}: include_prompt`] }),
    ...(dense.length > 0 && { dense: [dense, 'modules.json: Dense'] }),
    normalize,
  };
}

/** A list keeps its order; of the older truths none means the mean. */
function poolingOf(file: JsonFile): NonNullable<Derived['pooling']> {
  const said = file.text('pooling_mode') ?? file.texts('pooling_mode');
  if (said !== undefined) {
    return [[said].flat().map((mode) => poolingMode(mode, file.name)), `${file.name}: pooling_mode`];
  }
  const modes = oldNames.filter(([key]) => file.truth(key) === true);
  const [only, another] = modes;
  if (only === undefined) return [['mean'], `${file.name}: no pooling_mode`];
  const origin = another === undefined ? only[0] : 'pooling_mode_…';
  return [modes.map(([, mode]) => mode), `${file.name}: ${origin}`];
}

function poolingMode(mode: string, name: string): PoolingMode {
  const known = poolingModes.find((one) => one === mode);
  if (known === undefined)
    throw new TaskOff(`${name}: pooling_mode "${mode}" is not one of ${poolingModes.join(', ')}`);
  return known;
}

/** Nobody says how: what the libraries do that would load such a folder. */
async function defaultPooling({ files }: TextTaskSource, notes: string[]): Promise<Derived> {
  const isOfSentences = /^library_name:\s*sentence-transformers\b/m.test((await files.text('README.md')) ?? '');
  const mode = isOfSentences ? 'mean' : 'cls';
  notes.push(
    `no file says how tokens are pooled: ${mode} is taken; "pooling" of "task" in model.json says it for certain`,
  );
  return { pooling: [[mode], isOfSentences ? 'README.md: library_name' : 'the default'] };
}
