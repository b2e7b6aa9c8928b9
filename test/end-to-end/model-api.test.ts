import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { projectRoot } from '../../tools/project-root.js';
import { ModelFolder } from '../support/model-folder.js';
import { ServerProcess, shippedModels } from '../support/server-process.js';
import { runSlipway } from '../support/slipway-command.js';

const folder = new ModelFolder();
const work = mkdtempSync(join(tmpdir(), 'slipway-client-test-'));
let server: ServerProcess;

before(async () => {
  for (const path of [
    'iris/1/model.onnx',
    'iris/2/model.onnx',
    'digits/1/model.onnx',
    'greeting-language/1/model.onnx',
  ]) {
    folder.put(join(shippedModels, path), path);
  }
  folder.put(join(projectRoot(), 'test/models/engine/identity-fp32.onnx'), 'echo/1/model.onnx');
  server = await (await ServerProcess.start(['--models', folder.path])).ready();
});

after(async () => {
  await server.stop();
  folder.remove();
  rmSync(work, { recursive: true, force: true });
});

test("each model's OpenAPI document has an example that works, and describes the answer to it", async () => {
  for (const model of ['iris', 'digits', 'greeting-language']) {
    const { status, body: document } = await server.get(`/v1/models/${model}/openapi.json`);
    assert.equal(status, 200);
    const path = `/v1/models/${model}/predict`;
    const example = document.paths[path].post.requestBody.content['application/json'].examples.sample.value;
    const ajv = new Ajv2020({ strict: false, schemas: { document } });
    const isValid = (name: string, value: unknown): boolean =>
      ajv.validate({ $ref: `document#/components/schemas/${name}` }, value) as boolean;
    assert.ok(isValid('PredictRequest', example), JSON.stringify(ajv.errors));
    const answer = await server.post(path, example);
    assert.equal(answer.status, 200);
    assert.ok(isValid('PredictResponse', answer.body), JSON.stringify(ajv.errors));
    assert.ok(!isValid('PredictRequest', { instances: [['far', 'too', 'many', { things: 1 }]] }), model);
    assert.ok(!isValid('PredictResponse', { predictions: [{}] }), model);
  }
});

/** Compiles against the client with everything that is strict; what the compiler says. */
function compile(program: string): string {
  writeFileSync(join(work, 'program.ts'), program);
  const options = ['--strict', '--exactOptionalPropertyTypes', '--noUncheckedIndexedAccess', '--noUnusedLocals'];
  const target = [
    '--target',
    'es2022',
    '--module',
    'nodenext',
    '--lib',
    'es2024,dom',
    '--types',
    'node',
    '--typeRoots',
    join(projectRoot(), 'node_modules/@types'),
  ];
  const argv = [...options, ...target, '--rootDir', work, '--outDir', work, join(work, 'program.ts')];
  const { stdout } = spawnSync(join(projectRoot(), 'node_modules/.bin/tsc'), argv, { cwd: work, encoding: 'utf8' });
  return stdout;
}

const head = `import { Slipway, SlipwayError } from './slipway.js';\nconst slipway = new Slipway(process.argv[2] ?? '');\n`;

test('the client compiles in strict mode, and asks the server: rows, whole tensors, bytes, failures', async () => {
  writeFileSync(join(work, 'package.json'), '{"type": "module"}');
  const { code, stderr } = await runSlipway(['client', server.origin, '-o', join(work, 'slipway.ts')]);
  assert.equal(code, 0, stderr);
  const said = compile(`${head}
const [flower] = await slipway.predict('iris', [[5.1, 3.5, 1.4, 0.2]], { version: 2 });
const label: 'setosa' | 'versicolor' | 'virginica' | undefined = flower?.label;
const whole = await slipway.predictWhole('iris', [[6.7, 3, 5.2, 2.3]]);
const { probabilities } = await slipway.infer('digits', {
  image: { shape: [1, 8, 8], data: new Float32Array(64) },
});
const greeting = await slipway.infer('greeting-language', { text: { shape: [2], data: ['Good morning', 'ありがとう'] } });
const echo = await slipway.predictWhole('echo', [Number.NaN, Number.POSITIVE_INFINITY, -1.5]);
const failure = await slipway.predict('iris', [[1, 2, 3, Number.NaN], [1, 2, 3, 1e300]]).catch((error: unknown) => error);
const stopped = await slipway
  .predict('iris', [[1, 2, 3, 4]], { signal: AbortSignal.abort(new Error('no more')) })
  .catch((error: Error) => error.message);
console.log(JSON.stringify({
  label,
  labels: whole.label,
  shape: probabilities.shape,
  sum: Math.round(probabilities.data.reduce((sum, value) => sum + value, 0)),
  greeting: greeting.label.data,
  echo: (echo as number[]).map(String),
  failure: failure instanceof SlipwayError ? [failure.status, failure.message, typeof failure.requestId] : failure,
  stopped,
}));
`);
  assert.equal(said, '');
  const run = spawnSync(process.execPath, [join(work, 'program.js'), server.origin], { encoding: 'utf8' });
  assert.equal(run.stderr, '');
  const { failure, ...answers } = JSON.parse(run.stdout);
  assert.deepEqual(answers, {
    label: 'setosa',
    labels: ['virginica'],
    shape: [1, 10],
    sum: 1,
    greeting: ['English', 'Japanese'],
    echo: ['NaN', 'Infinity', '-1.5'],
    stopped: 'no more',
  });
  assert.deepEqual([failure[0], failure[2]], [400, 'string']);
  assert.match(failure[1], /measurements.*1e\+?300/);
});

test('the compiler finds what the server would reject', () => {
  const mistakes: readonly (readonly [string, RegExp])[] = [
    ["await slipway.predict('irs', []);", /"irs"/],
    ["await slipway.predict('iris', [[1, 2, 3]]);", /readonly \[number, number, number, number\]/],
    ["await slipway.predict('greeting-language', [1]);", /number/],
    ["(await slipway.predict('iris', [[1, 2, 3, 4]]))[0]?.label === 'tulip';", /no overlap/],
    ["await slipway.infer('digits', { image: { shape: [1, 8, 8], data: new Float64Array(64) } });", /Float32Array/],
  ];
  const said = compile(`${head}void SlipwayError;\n${mistakes.map(([line]) => line).join('\n')}\n`);
  const firstLine = head.split('\n').length + 1;
  for (const [index, [line, complaint]] of mistakes.entries()) {
    const found = said.split(/^(?=program\.ts)/m).find((error) => error.startsWith(`program.ts(${firstLine + index},`));
    assert.match(found ?? '', complaint, `${line}\n${said}`);
  }
});

test('a client of some models has these alone; what is not there, or nobody can be asked, is told', async () => {
  const some = await server.get('/v1/client.ts?models=digits,iris');
  assert.match(String(some.headers.get('content-type')), /^application\/typescript/);
  assert.match(some.body, /^\/\/ Made by Slipway [\d.]+ for digits\/1, iris\/2\./);
  assert.ok(!some.body.includes('greeting-language'));
  const one = await server.get('/v1/models/iris/client.ts');
  assert.match(one.body, /for iris\/2\./);
  const unknown = await runSlipway(['client', server.origin, '--models', 'irs']);
  assert.equal(unknown.code, 1);
  assert.match(unknown.stderr, /the server answered 404: .*did you mean "iris"/);
  const nobody = await runSlipway(['client', 'http://127.0.0.1:65533']);
  assert.equal(nobody.code, 1);
  assert.match(nobody.stderr, /http:\/\/127\.0\.0\.1:65533 cannot be reached: .*ECONNREFUSED/);
  for (const argv of [
    ['client'],
    ['client', 'ftp://x'],
    ['client', 'x', 'y'],
    ['client', 'http://x', '--model', 'iris'],
  ]) {
    assert.equal((await runSlipway(argv)).code, 2);
  }
  assert.ok(readFileSync(join(work, 'slipway.ts'), 'utf8').includes('"greeting-language"'));
});
