import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { parseModelConfig } from '../../src/config/model-config-schema.js';
import { GRPCInferenceService } from '../../src/protocols/grpc/schema/open_inference_pb.js';
import { projectRoot } from '../../tools/project-root.js';
import { GrpcClient } from '../protocols/grpc/grpc-client.js';
import { ModelFolder } from '../support/model-folder.js';
import { commandLine, hasMapped } from '../support/process-state.js';
import { everyModelServes } from '../support/quiet-state.js';
import { type JsonResponse, ServerProcess } from '../support/server-process.js';
import { runSlipway } from '../support/slipway-command.js';
import { tokenizer, writeClassifier, writeEmbedder } from '../support/text-models.js';

const folder = new ModelFolder();
let server: ServerProcess;
before(async () => {
  writeEmbedder(folder, 'embedder');
  writeEmbedder(folder, 'half-precise', { isHalf: true });
  writeEmbedder(folder, 'leaky', { leaksPadding: true });
  // Takes a time that doubles with each letter, and is given up by the library, which ends its process.
  const wild = { type: 'Split', pattern: { Regex: '(a+)+$' }, behavior: 'Isolated', invert: false };
  writeEmbedder(folder, 'wild', { tokenizerFile: tokenizer(wild) });
  writeClassifier(folder, 'classifier');
  writeEmbedder(folder, 'half', { tokenizerFile: `{"version":` });
  server = await ServerProcess.start(['--models', folder.path, '--grpc-port', '0']);
  await everyModelServes(server);
});
after(async () => {
  await server?.stop();
  folder.remove();
});

async function post(path: string, body: unknown): Promise<JsonResponse> {
  const response = await fetch(server.origin + path, { method: 'POST', body: JSON.stringify(body) });
  return { status: response.status, headers: response.headers, body: await response.json() };
}
const predict = (model: string, body: object) => post(`/v1/models/${model}/predict`, body);
const texts = (...data: string[]) => ({ inputs: [{ name: 'text', datatype: 'BYTES', shape: [data.length], data }] });

test('texts become vectors by every protocol, and the tensors are there as before', async () => {
  // [CLS] good [SEP] is 2, 4, 3.
  assert.deepEqual((await predict('embedder', { instances: ['good', 'Bad film'] })).body, {
    predictions: [
      [3, 1],
      [4, 1],
    ],
  });
  const { outputs } = (await post('/v2/models/embedder/infer', texts('good'))).body;
  assert.deepEqual(outputs, [{ name: 'embedding', datatype: 'FP32', shape: [1, 2], data: [3, 1] }]);
  const raw = await predict('embedder', { instances: [{ input_ids: [4, 5], attention_mask: [1, 0] }] });
  assert.deepEqual(raw.body, {
    predictions: [
      [
        [4, 1],
        [0, 0],
      ],
    ],
  });
  assert.deepEqual(
    (await post('/hf/embedder', { inputs: 'good', parameters: { normalize: true } })).body,
    [0.9486833, 0.31622776],
  );
  const embeddings = await post('/v1/embeddings', {
    model: 'embedder',
    input: [
      [2, 4, 3],
      [2, 3],
    ],
    encoding_format: 'base64',
  });
  const vectors = embeddings.body.data.map(({ embedding }: { embedding: string }) => {
    const bytes = Buffer.from(embedding, 'base64');
    return [bytes.readFloatLE(0), bytes.readFloatLE(4)];
  });
  assert.deepEqual(vectors, [
    [3, 1],
    [2.5, 1],
  ]);
  assert.deepEqual(embeddings.body.usage, { prompt_tokens: 5, total_tokens: 5 });
});

test('a model that computes with half precision gives numbers like others', async () => {
  assert.deepEqual((await predict('half-precise', { instances: ['good'] })).body, { predictions: [[3, 1]] });
});

test('a text over gRPC becomes the same vector', async (context) => {
  const client = new GrpcClient(server.log.find(({ grpc }) => grpc !== undefined)?.grpc as string);
  context.after(() => client.close());
  const { message } = await client.ask(GRPCInferenceService.method.modelInfer, {
    modelName: 'embedder',
    inputs: [
      {
        name: 'text',
        datatype: 'BYTES',
        shape: [2n],
        contents: { bytesContents: ['good', 'Bad film'].map((text) => Buffer.from(text)) },
      },
    ],
  });
  const [output] = message?.outputs ?? [];
  assert.deepEqual([output?.name, output?.datatype, output?.shape], ['embedding', 'FP32', [2n, 2n]]);
  const raw = Buffer.from(message?.rawOutputContents[0] ?? []);
  assert.deepEqual(
    [0, 4, 8, 12].map((at) => raw.readFloatLE(at)),
    [3, 1, 4, 1],
  );
  const refused = await client.ask(GRPCInferenceService.method.modelInfer, {
    modelName: 'embedder',
    inputs: [{ name: 'text', datatype: 'BYTES', shape: [1n], contents: { bytesContents: [Uint8Array.of(0xff)] } }],
  });
  assert.equal(refused.code, 'INVALID_ARGUMENT', 'bytes that are no text are a mistake of the caller');
});

test('labels are sorted by their scores', async () => {
  const { body } = await post('/hf/classifier', { inputs: ['good', 'good film'] });
  assert.deepEqual(
    body.map((labels: { label: string }[]) => labels.map(({ label }) => label)),
    [
      ['up', 'down'],
      ['up', 'down'],
    ],
  );
  assert.deepEqual((await predict('classifier', { instances: ['good'] })).body.predictions[0].label, 'up');
  const pair = await predict('classifier', { instances: [{ text: 'good', text_pair: 'film' }] });
  assert.ok(pair.body.predictions[0].score > body[0][0].score);
});

test('a text that is too long is cut and said to be, or refused as asked', async () => {
  const long = 'good '.repeat(40);
  const cut = await predict('embedder', { instances: [long, 'good'] });
  assert.equal(cut.headers.get('x-truncated-rows'), '1');
  assert.match(cut.headers.get('server-timing') ?? '', /^prepare;dur=/);
  const refused = await predict('embedder', { instances: [long], parameters: { truncate: false } });
  assert.deepEqual(
    [refused.status, refused.body.error],
    [400, 'input "text", text 0: it is longer than 16 tokens, and is not to be cut'],
  );
});

test('where padding changes answers, no text is filled up', async () => {
  // The vectors are multiplied by the length of the row.
  const { predictions } = (await predict('leaky', { instances: ['good', 'good film', 'good'] })).body;
  assert.deepEqual(predictions, [
    [9, 3],
    [15, 4],
    [9, 3],
  ]);
});

test('a tokenizer that cannot be read turns the task off, and the tensors are served', async () => {
  const raw = await predict('half', { instances: [{ input_ids: [4], attention_mask: [1] }] });
  assert.deepEqual(raw.body, { predictions: [[[4, 1]]] });
  assert.equal((await post('/hf/half', { inputs: 'good' })).status, 400);
});

test('what was found out is shown as model.json takes it, with the file that said so', async () => {
  // biome-ignore lint/suspicious/noExplicitAny: whatever the server says
  const get = async (path: string): Promise<any> => (await fetch(server.origin + path)).json();
  const { task } = (await get('/v2/models/embedder')).properties;
  assert.deepEqual((await get('/v1/models/embedder/metadata')).model_info.task, task);
  assert.deepEqual(task.origins, {
    type: 'modules.json',
    maxTokens: 'config.json: max_position_embeddings',
    maxBatchTokens: 'the default',
    padding: 'config.json: pad_token_id',
    output: 'the graph',
    pooling: '1_Pooling/config.json: pooling_mode',
    normalize: 'modules.json: no Normalize',
  });
  const { task: again } = parseModelConfig(JSON.stringify(task.model_json));
  assert.deepEqual(again, task.model_json.task);
  const inspected = await runSlipway(['inspect', join(folder.path, 'embedder/onnx/model.onnx')]);
  assert.match(inspected.stdout, /maxTokens +by config\.json: max_position_embeddings\n.*"maxTokens": 16,/s);
  const off = (await get('/v2/models/half')).properties;
  assert.match(off.task.off, /^tokenizer\.json cannot be used: /);
  const { stdout } = await runSlipway(['doctor', join(folder.path, 'half')]);
  assert.match(stdout.replace(/\s+/g, ' '), /task off: tokenizer\.json cannot be used: .*warning .*\[task-off\]/);
});

test('where no model takes pictures, nothing is loaded that decodes them', () => {
  const pids = [server.child.pid as number, ...server.descendants()];
  assert.ok(pids.some((pid) => hasMapped(pid, 'tokenizers')));
  for (const pid of pids) assert.equal(hasMapped(pid, 'libvips'), false, commandLine(pid).join(' '));
});

test('a text that ends the process that reads it costs its caller alone', async () => {
  const [poison, ...others] = await Promise.all([
    predict('wild', { instances: [`${'a'.repeat(40)}!`] }),
    ...Array.from({ length: 8 }, () => predict('embedder', { instances: ['good'] })),
  ]);
  assert.ok(poison.status >= 400, JSON.stringify(poison.body));
  for (const { body } of others) assert.deepEqual(body, { predictions: [[3, 1]] });
  assert.deepEqual((await predict('wild', { instances: ['good'] })).body, { predictions: [[3, 1]] });
});

test('a tokenizer that is killed in a crowd costs nobody anything, and is seen in the metrics', async () => {
  const words = ['good', 'bad', 'film', 'good film', 'bad film', 'good good bad'];
  const alone = new Map<string, unknown>();
  for (const text of words) alone.set(text, (await predict('embedder', { instances: [text] })).body);
  // The model's own, or one that it shares with others: that depends on which were loaded first.
  const preparing = (pid: number) => commandLine(pid).some((part) => part.endsWith('/preparation.js'));
  let answered = 0;
  let killed = 0;
  const crowd = Array.from({ length: 200 }, async (_, at) => {
    const text = words[at % words.length] as string;
    assert.deepEqual((await predict('embedder', { instances: [text] })).body, alone.get(text));
    if (++answered !== 40) return;
    for (const pid of server.descendants().filter(preparing)) {
      process.kill(pid, 'SIGKILL');
      killed++;
    }
  });
  await Promise.all(crowd);
  assert.ok(killed > 0);
  const page = await (await fetch(`${server.origin}/metrics`)).text();
  assert.match(page, /slipway_preparation_exits_total\{model="embedder",version="1",expected="false"\} [1-9]/);
  assert.match(page, /slipway_preparation_restarts_total\{model="embedder",version="1"\} [1-9]/);
});

describe('what is wrong is said with a 400', () => {
  const cases: [string, string, object, RegExp][] = [
    ['an unknown parameter', '/hf/embedder', { inputs: 'a', parameters: { topk: 1 } }, /"topk" is not known here/],
    [
      'a parameter of another type',
      '/hf/classifier',
      { inputs: 'a', parameters: { top_k: 'two' } },
      /top_k: expected an integer/,
    ],
    ['an empty list', '/hf/embedder', { inputs: [] }, /expected one text or more, got none/],
    ['a number', '/hf/embedder', { inputs: 5 }, /inputs: expected a string/],
    ['no input', '/hf/embedder', {}, /inputs: expected a string/],
    ['a lone surrogate', '/v1/models/embedder/predict', { instances: ['\ud800'] }, /half of a surrogate pair/],
    [
      'a megabyte of spaces',
      '/hf/embedder',
      { inputs: ' '.repeat(2 ** 20) },
      /expected up to 524288 characters, got 1048576/,
    ],
    ['too many texts', '/hf/embedder', { inputs: new Array(2049).fill('a') }, /expected up to 2048 texts, got 2049/],
    [
      'an unknown field',
      '/v1/embeddings',
      { model: 'embedder', input: 'a', inputs: 'b' },
      /"inputs" is not known here/,
    ],
    ['an empty array', '/v1/embeddings', { model: 'embedder', input: [] }, /got an empty array/],
    ['too many dimensions', '/v1/embeddings', { model: 'embedder', input: 'a', dimensions: 3 }, /expected up to 2/],
    [
      'no dimensions',
      '/v1/embeddings',
      { model: 'embedder', input: 'a', dimensions: 0 },
      /dimensions: expected an integer from 1 on/,
    ],
    ['another task', '/v1/rerank', { model: 'embedder', query: 'a', documents: ['b'] }, /the model is no reranker/],
    ['no documents', '/v1/rerank', { model: 'classifier', query: 'a', documents: [] }, /expected one or more/],
  ];
  for (const [about, path, body, message] of cases) {
    test(about, async () => {
      const response = await post(path, body);
      assert.equal(response.status, 400, JSON.stringify(response.body));
      assert.match(
        path.startsWith('/v1/e') || path.startsWith('/v1/r') ? response.body.error.message : response.body.error,
        message,
      );
    });
  }

  test('a model that is not there, in the form that its clients read', async () => {
    const { status, body } = await post('/v1/embeddings', { model: 'nobody', input: 'a' });
    assert.deepEqual([status, body.error.type, body.error.code], [404, 'invalid_request_error', 'model_not_found']);
  });
});

const corpus = join(projectRoot(), '..', 'shared', 'corpus', 'tasks');
const cases = ['emb-bert-mean-normalize', 'emb-roberta-cls'];

test('the frameworks give the same vectors', {
  skip: existsSync(corpus) ? false : 'needs the corpus of tasks',
}, async (context) => {
  const models = new ModelFolder();
  context.after(() => models.remove());
  for (const name of cases) {
    const repo = join(corpus, name, 'repo');
    for (const file of readdirSync(repo, { recursive: true, encoding: 'utf8' })) {
      if (/\.\w+$/.test(file)) models.write(readFileSync(join(repo, file)), `${name}/${file}`);
    }
  }
  const own = await ServerProcess.start(['--models', models.path]);
  context.after(() => own.stop());
  await everyModelServes(own);
  await answersAloneAndInACrowd(own, 'emb-bert-mean-normalize');
  for (const name of cases) {
    const { cases: rows } = JSON.parse(readFileSync(join(corpus, name, 'expected.json'), 'utf8'));
    const plain = rows.filter(({ parameters }: { parameters: object }) => Object.keys(parameters).length === 0);
    const body = JSON.stringify({ instances: plain.map(({ input }: { input: string }) => input) });
    const response = await fetch(`${own.origin}/v1/models/${name}/predict`, { method: 'POST', body });
    const { predictions } = (await response.json()) as { predictions: number[][] };
    for (const [row, { expected }] of plain.entries()) {
      const worst = Math.max(
        ...expected.map((value: number, at: number) => Math.abs(value - (predictions[row]?.[at] ?? 9))),
      );
      assert.ok(worst < 2e-4, `${name}, row ${row}: off by ${worst}`);
    }
  }
});

/** Callers of texts of unlike length: whoever shares their runs changes nothing, and little of what runs is padding. */
async function answersAloneAndInACrowd({ origin }: ServerProcess, model: string): Promise<void> {
  const embed = async (text: string): Promise<number[]> => {
    const body = JSON.stringify({ instances: [text] });
    const response = await fetch(`${origin}/v1/models/${model}/predict`, { method: 'POST', body });
    return ((await response.json()) as { predictions: number[][] }).predictions[0] as number[];
  };
  const asked = Array.from({ length: 64 }, (_, at) => `the ${'cat sat on a mat '.repeat(Math.ceil(100 ** (at / 63)))}`);
  const alone: number[][] = [];
  for (const text of asked) alone.push(await embed(text));
  const crowd = await Promise.all(asked.map(embed));
  for (const [at, vector] of crowd.entries()) {
    const worst = Math.max(...vector.map((value, place) => Math.abs(value - (alone[at]?.[place] ?? 9))));
    assert.ok(worst < 1e-5, `text ${at}: off by ${worst}`);
  }
  const page = await (await fetch(`${origin}/metrics`)).text();
  const count = (kind: string) =>
    Number(new RegExp(`slipway_tokens_total\\{model="${model}".*kind="${kind}"\\} (.*)`).exec(page)?.[1]);
  const waste = count('padding') / (count('padding') + count('text'));
  assert.ok(waste > 0 && waste <= 0.15, `${waste} of the tokens are padding`);
}
