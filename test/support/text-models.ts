import { ElementType, GraphWriter } from '../../bench/recipes/graph-writer.js';
import type { ModelFolder } from './model-folder.js';

const vocabulary = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', 'good', 'bad', 'film'];

/** A `tokenizer.json` of some words, by default seven, between [CLS] and [SEP]. */
export const tokenizer = (preTokenizer: object = { type: 'Whitespace' }, words = vocabulary): string => {
  const special = vocabulary.slice(0, 4).map((content, id) => ({
    id,
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  }));
  const token = (id: string) => ({ SpecialToken: { id, type_id: 0 } });
  const part = (id: 'A' | 'B') => ({ Sequence: { id, type_id: 0 } });
  return JSON.stringify({
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: special,
    normalizer: { type: 'Lowercase' },
    pre_tokenizer: preTokenizer,
    post_processor: {
      type: 'TemplateProcessing',
      single: [token('[CLS]'), part('A'), token('[SEP]')],
      pair: [token('[CLS]'), part('A'), token('[SEP]'), part('B'), token('[SEP]')],
      special_tokens: Object.fromEntries(['[CLS]', '[SEP]'].map((id, at) => [id, { id, ids: [2 + at], tokens: [id] }])),
    },
    decoder: null,
    model: {
      type: 'WordLevel',
      vocab: Object.fromEntries(words.map((word, id) => [word, id])),
      unk_token: '[UNK]',
    },
  });
};

/** Each token's vector is its number and 1; the logits are the sum of the first, and its opposite. */
export function encoder(
  output: 'last_hidden_state' | 'logits',
  { leaksPadding = false, isHalf = false } = {},
): Uint8Array {
  const graph = new GraphWriter(1);
  const ids = graph.input('input_ids', ElementType.INT64, ['batch', 'sequence']);
  const mask = graph.input('attention_mask', ElementType.INT64, ['batch', 'sequence']);
  const table = graph.floats(
    vocabulary.flatMap((_, id) => [id, 1]),
    [vocabulary.length, 2],
  );
  const kept = graph.node('Unsqueeze', [
    graph.node('Cast', [mask], { attributes: { to: ElementType.FLOAT } }),
    graph.integers([2]),
  ]);
  const vectors = graph.node('Mul', [graph.node('Gather', [table, ids]), kept]);
  if (output === 'last_hidden_state') {
    const length = graph.node('Cast', [graph.node('Shape', [ids])], { attributes: { to: ElementType.FLOAT } });
    const last = graph.node('Gather', [length, graph.integers([1], [])]);
    const hidden = graph.node('Mul', [vectors, leaksPadding ? last : graph.floats([1], [])]);
    const type = isHalf ? ElementType.FLOAT16 : ElementType.FLOAT;
    graph.node('Cast', [hidden], { attributes: { to: type }, outputs: [output] });
    graph.output(output, type, ['batch', 'sequence', 2]);
  } else {
    const sums = graph.node('ReduceSum', [vectors, graph.integers([1])], { attributes: { keepdims: 0 } });
    graph.node('MatMul', [sums, graph.floats([0.1, -0.1, 0, 0], [2, 2])], { outputs: [output] });
    graph.output(output, ElementType.FLOAT, ['batch', 2]);
  }
  return graph.finish('encoder');
}

const bert = JSON.stringify({ architectures: ['BertModel'], max_position_embeddings: 16, pad_token_id: 0 });
/** What makes a folder one of sentence-transformers, with means of the tokens' vectors. */
export function writePooling(folder: ModelFolder, name: string): void {
  const chain = ['Transformer', 'Pooling'].map((kind, idx) => ({
    idx,
    path: idx === 0 ? '' : '1_Pooling',
    type: `x.${kind}`,
  }));
  folder.write(JSON.stringify(chain), `${name}/modules.json`);
  folder.write('{"pooling_mode":"mean"}', `${name}/1_Pooling/config.json`);
  folder.write(bert, `${name}/config.json`);
}

/** A folder of Hugging Face whose texts are `up` or `down`. */
export function writeClassifier(folder: ModelFolder, name: string): void {
  const classes = {
    architectures: ['BertForSequenceClassification'],
    max_position_embeddings: 16,
    id2label: { 0: 'up', 1: 'down' },
  };
  folder.write(JSON.stringify(classes), `${name}/config.json`);
  folder.write(encoder('logits'), `${name}/onnx/model.onnx`);
  folder.write(tokenizer(), `${name}/tokenizer.json`);
}

/** A folder of sentence-transformers. `tokenizerFile`: its tokenizer.json, where not the one of seven words. */
export function writeEmbedder(
  folder: ModelFolder,
  name: string,
  { tokenizerFile = tokenizer(), ...kind }: Parameters<typeof encoder>[1] & { readonly tokenizerFile?: string } = {},
): void {
  writePooling(folder, name);
  folder.write(encoder('last_hidden_state', kind), `${name}/onnx/model.onnx`);
  folder.write(tokenizerFile, `${name}/tokenizer.json`);
}
