import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TaskFacts, TaskSettings } from '../../src/core/task.js';
import type { ModelSignature, TensorSpec } from '../../src/core/tensor-spec.js';
import { deriveTask } from '../../src/tasks/derive-task.js';

const tensor = (
  name: string,
  dataType: TensorSpec['dataType'],
  ...shape: TensorSpec['shape'] & object
): TensorSpec => ({
  name,
  dataType,
  shape,
});
const ids = ['input_ids', 'attention_mask', 'token_type_ids'].map((name) => tensor(name, 'INT64', 'batch', 'sequence'));
const encoder: ModelSignature = {
  inputs: ids,
  outputs: [tensor('last_hidden_state', 'FP32', 'batch', 'sequence', 32), tensor('pooler_output', 'FP32', 'batch', 32)],
};
const classifier = (labels: number): ModelSignature => ({
  inputs: ids,
  outputs: [tensor('logits', 'FP32', 'batch', labels)],
});

interface World {
  readonly signature?: ModelSignature;
  readonly settings?: TaskSettings | 'none';
}

/** What a folder of these files comes to; objects are written as JSON, and there is a tokenizer unless it is `null`. */
function derive(files: Readonly<Record<string, unknown>>, { signature = encoder, settings }: World = {}) {
  const all = Object.entries({ 'tokenizer.json': {}, ...files }).filter(([, content]) => content !== null);
  const contents = new Map(
    all.map(([name, content]) => [name, typeof content === 'string' ? content : JSON.stringify(content)]),
  );
  const read = async (name: string): Promise<Uint8Array> => new TextEncoder().encode(contents.get(name));
  return deriveTask({ folder: { names: new Set(contents.keys()), read }, signature, settings });
}

/** The setting and where it came from. */
function said(facts: TaskFacts | undefined, key: keyof TaskSettings): readonly [unknown, string | undefined] {
  assert.ok(facts !== undefined && 'plan' in facts, JSON.stringify(facts));
  return [facts.plan.settings[key], facts.plan.origins[key]];
}

function offReason(facts: TaskFacts | undefined): string {
  assert.ok(facts !== undefined && 'off' in facts, JSON.stringify(facts));
  return facts.off;
}

const chain = (...kinds: string[]): object[] =>
  kinds.map((kind, idx) => ({
    idx,
    path: idx === 0 ? '' : `${idx}_${kind}`,
    type: `sentence_transformers.models.${kind}`,
  }));
const bert = { architectures: ['BertModel'], max_position_embeddings: 64, pad_token_id: 0 };
const sentences = (pooling: object, ...more: string[]) => ({
  'config.json': bert,
  'modules.json': chain('Transformer', 'Pooling', ...more),
  '1_Pooling/config.json': pooling,
});
const classes = (more: object = {}, labels: Record<string, string> = { 0: 'bad', 1: 'good' }) => ({
  'config.json': { architectures: ['BertForSequenceClassification'], id2label: labels, ...more },
});

test('a folder that says nothing of a task has none, and "none" turns it off', async () => {
  assert.equal(await derive({}), undefined);
  assert.equal(await derive({ 'config.json': {} }), undefined);
  assert.equal(await derive(sentences({ pooling_mode: 'mean' }), { settings: 'none' }), undefined);
});

test('the type is that of the first rule that fires, which is named', async () => {
  const types: [string, object, ModelSignature, unknown, string][] = [
    ['modules', sentences({ pooling_mode: 'mean' }), encoder, 'text-embedding', 'modules.json'],
    ['architecture', { 'config.json': bert }, encoder, 'text-embedding', 'config.json: architectures'],
    ['labels', classes(), classifier(2), 'text-classification', 'config.json: architectures'],
    ['one label', classes({}, { 0: 'LABEL_0' }), classifier(1), 'rerank', 'config.json: architectures'],
    [
      'one label of a regression',
      classes({ problem_type: 'regression' }, { 0: 'stars' }),
      classifier(1),
      'text-classification',
      'config.json: architectures',
    ],
    [
      'a cross-encoder with a chain of its own',
      {
        ...classes({}, { 0: 'LABEL_0' }),
        'modules.json': chain('Transformer'),
        'config_sentence_transformers.json': { model_type: 'CrossEncoder', activation_fn: 'torch.nn.Identity' },
      },
      classifier(1),
      'rerank',
      'config_sentence_transformers.json: activation_fn',
    ],
    [
      'the card',
      { 'README.md': '---\npipeline_tag: sentence-similarity\n---\n# x' },
      encoder,
      'text-embedding',
      'README.md: pipeline_tag',
    ],
  ];
  for (const [about, files, signature, type, origin] of types) {
    assert.deepEqual(
      said(await derive(files as Record<string, unknown>, { signature }), 'type'),
      [type, origin],
      about,
    );
  }
});

test('pooling is what the file says: a list in its order, older truths in a fixed one', async () => {
  const pooling = async (file: object) => said(await derive(sentences(file)), 'pooling')[0];
  assert.deepEqual(await pooling({ pooling_mode: 'lasttoken' }), ['lasttoken']);
  assert.deepEqual(await pooling({ pooling_mode: ['mean', 'cls'] }), ['mean', 'cls']);
  assert.deepEqual(await pooling({ pooling_mode_mean_tokens: true, pooling_mode_cls_token: true }), ['cls', 'mean']);
  assert.deepEqual(await pooling({ pooling_mode_mean_tokens: false }), ['mean']);
  assert.match(offReason(await derive(sentences({ pooling_mode: 'median' }))), /pooling_mode "median" is not one of/);
});

test('an output that is pooled already is taken as it is', async () => {
  const signature = { ...encoder, outputs: [...encoder.outputs, tensor('sentence_embedding', 'FP32', 'batch', 32)] };
  const facts = await derive(sentences({ pooling_mode: 'mean' }, 'Normalize'), { signature });
  assert.equal(said(facts, 'pooling')[0], 'none');
  assert.equal(said(facts, 'output')[0], 'sentence_embedding');
  assert.deepEqual(said(facts, 'normalize'), [true, 'modules.json: Normalize']);
});

test('the limit is the first that is said, and no more than there are positions', async () => {
  const limit = async (files: object) => said(await derive(files as Record<string, unknown>), 'maxTokens');
  const plain = sentences({ pooling_mode: 'mean' });
  assert.deepEqual(await limit(plain), [64, 'config.json: max_position_embeddings']);
  assert.deepEqual(await limit({ ...plain, 'tokenizer_config.json': { model_max_length: 48 } }), [
    48,
    'tokenizer_config.json: model_max_length',
  ]);
  assert.deepEqual(await limit({ ...plain, 'tokenizer_config.json': { model_max_length: 1e30 } }), [
    64,
    'config.json: max_position_embeddings',
  ]);
  assert.deepEqual(
    await limit({
      ...plain,
      'sentence_bert_config.json': { max_seq_length: 40 },
      'tokenizer_config.json': { model_max_length: 48 },
    }),
    [40, 'sentence_bert_config.json: max_seq_length'],
  );
  const roberta = { ...bert, model_type: 'roberta', max_position_embeddings: 66, pad_token_id: 1 };
  assert.deepEqual((await limit({ ...plain, 'config.json': roberta }))[0], 64);
});

test('scores follow the problem, and a cross-encoder its own function', async () => {
  const scores = async (files: Record<string, unknown>, labels: number) =>
    said(await derive(files, { signature: classifier(labels) }), 'scores')[0];
  assert.equal(await scores(classes(), 2), 'softmax');
  assert.equal(await scores(classes({ problem_type: 'multi_label_classification' }), 2), 'sigmoid');
  assert.equal(await scores(classes({ problem_type: 'regression' }, { 0: 'stars' }), 1), 'none');
  assert.equal(await scores(classes({}, { 0: 'LABEL_0' }), 1), 'sigmoid');
  const identity = { sbert_ce_default_activation_function: 'torch.nn.modules.linear.Identity' };
  assert.equal(await scores(classes(identity, { 0: 'LABEL_0' }), 1), 'none');
});

test('what model.json says counts for more', async () => {
  const facts = await derive(sentences({ pooling_mode: 'mean' }), { settings: { maxTokens: 16, pooling: ['cls'] } });
  assert.deepEqual(said(facts, 'maxTokens'), [16, 'model.json']);
  assert.deepEqual(said(facts, 'pooling'), [['cls'], 'model.json']);
  assert.deepEqual(said(facts, 'padding')[0], { id: 0, side: 'right' });
});

test('half a folder turns the task off with the sentence that mends it', async () => {
  const whole = sentences({ pooling_mode: 'mean' });
  const cases: [Record<string, unknown>, RegExp, ModelSignature?][] = [
    [{ ...whole, 'tokenizer.json': null }, /^tokenizer.json is missing: save the fast tokenizer .*save_pretrained$/],
    [{ ...whole, 'tokenizer.json': null, 'vocab.txt': 'a' }, /\(vocab.txt alone is not enough\)/],
    [{ ...whole, '1_Pooling/config.json': null }, /^1_Pooling\/config.json is missing/],
    [{ ...whole, 'config.json': '{' }, /^config.json is not JSON; save it again$/],
    [{ ...whole, 'modules.json': chain('Transformer', 'Pooling', 'WordWeights') }, /has a WordWeights step/],
    [
      whole,
      /^the graph has no input "input_ids"; its inputs are "x"$/,
      { ...encoder, inputs: [tensor('x', 'FP32', 4)] },
    ],
    [
      whole,
      /^the graph's input "pixels" is none that texts are made into$/,
      { ...encoder, inputs: [...ids, tensor('pixels', 'FP32', 'batch', 3)] },
    ],
    [
      whole,
      /^none of the graph's outputs is known to hold embeddings \("a"\)/,
      { ...encoder, outputs: [tensor('a', 'FP32')] },
    ],
  ];
  for (const [files, reason, signature = encoder] of cases) {
    assert.match(offReason(await derive(files, { signature })), reason);
  }
});
