import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { prepareModel } from '../../src/onnx/prepare-model.js';
import { corpusDirectory } from '../support/model-paths.js';
import { assertClose, type Tolerance } from './assert-close.js';
import { BareEngine } from './bare-engine.js';
import { type CaseValue, expectedFor, givenFor, readExactJson } from './corpus-case.js';

interface BackendEntry {
  readonly id: string;
  readonly case: string;
  readonly model: string;
  /** What the bare engine does with the model. */
  readonly engine: string;
  readonly reason: string | null;
}

interface FrameworkEntry {
  readonly id: string;
  readonly engine: string;
}

interface Outcome {
  readonly inputs: readonly CaseValue[];
  readonly outputs?: readonly CaseValue[];
}

/** Of the passing cases, each one in this many; all of them when SLIPWAY_CORPUS=all. */
const sampling = process.env.SLIPWAY_CORPUS === 'all' ? 1 : 8;
const corpus = corpusDirectory();
const skip = corpus === undefined ? 'the corpus is not here' : false;
const engine = new BareEngine();
let cacheDirectory: string;

before(async () => {
  cacheDirectory = await mkdtemp(join(tmpdir(), 'slipway-corpus-'));
});

after(async () => {
  engine[Symbol.dispose]();
  await rm(cacheDirectory, { recursive: true, force: true });
});

const index = <T>(folder: string): readonly T[] =>
  corpus === undefined ? [] : (JSON.parse(readFileSync(join(corpus, folder, 'index.json'), 'utf8')) as T[]);

async function passes(modelPath: string, { inputs, outputs = [] }: Outcome, tolerance: Tolerance): Promise<void> {
  const model = await prepareModel(modelPath, { cacheDirectory });
  const known = new Set(model.signature.inputs.map(({ name }) => name));
  const given = givenFor(
    model.signature,
    inputs.filter(({ name }) => known.has(name)),
  );
  const answers = await engine.run(model, given);
  for (const [name, expected] of Object.entries(expectedFor(model.signature, outputs))) {
    assertClose(answers[name], expected, name, tolerance);
  }
}

async function failures<T extends { readonly id: string }>(entries: readonly T[], run: (entry: T) => Promise<void>) {
  const failed: string[] = [];
  for (const entry of entries) {
    await run(entry).catch((error: Error) => failed.push(`${entry.id}: ${error.message.split('\n')[0]}`));
  }
  return failed;
}

const backend = index<BackendEntry>('onnx-backend');
const runBackend = ({ model, case: casePath }: BackendEntry): Promise<void> =>
  passes(join(corpus!, 'onnx-backend', model), readExactJson(join(corpus!, 'onnx-backend', casePath)) as Outcome, {
    relative: 1e-3,
    absolute: 1e-5,
  });

test('the operator cases that the bare engine passes pass', { skip }, async () => {
  const cases = backend.filter(({ engine: outcome }) => outcome === 'pass').filter((_, at) => at % sampling === 0);
  assert.deepEqual(await failures(cases, runBackend), []);
});

/** What keeps the bare engine from a case that a rewrite reaches. */
const reachable = [/^js_binding_rejects/, /^js_tensor_type/, /^non_tensor/, /^host_locale/, /^opset_too_new/, /INT4/];

test('so do those that it cannot take for their types, sequences, optionals, locale or operator set', {
  skip,
}, async () => {
  const cases = backend.filter(({ reason }) => reachable.some((pattern) => pattern.test(reason ?? '')));
  assert.ok(cases.length > 100);
  assert.deepEqual(await failures(cases, runBackend), []);
});

/** The framework's own answers, and the engine's for outputs that the framework gave none for. */
function frameworkOutcome(directory: string): Outcome {
  const { inputs, framework_expected: expected } = readExactJson(join(directory, 'case.json')) as {
    inputs: CaseValue[];
    framework_expected: CaseValue[] | null;
  };
  const engineAnswer = join(directory, 'engine.json');
  const answers = existsSync(engineAnswer) ? (readExactJson(engineAnswer) as { outputs?: CaseValue[] }).outputs : [];
  const own = expected ?? [];
  const others = (answers ?? []).filter(
    ({ name, ...value }) => 'data' in value && !own.some((value) => value.name === name),
  );
  return { inputs, outputs: [...own, ...others] };
}

/** An index entry that the corpus contradicts itself about: the engine's record says that the model does not load. */
const contradictory = 'matlab/acc_controller_5_20';

test('models of other frameworks answer as the frameworks do', { skip }, async () => {
  const models = index<FrameworkEntry>('frameworks')
    .filter(({ engine: outcome, id }) => outcome.startsWith('pass') && id !== contradictory)
    .filter(({ engine: outcome }, at) => outcome !== 'pass' || at % sampling === 0);
  const run = ({ id }: FrameworkEntry): Promise<void> => {
    const directory = join(corpus!, 'frameworks', id);
    return passes(join(directory, 'model.onnx'), frameworkOutcome(directory), { relative: 1e-2, absolute: 1e-3 });
  };
  assert.deepEqual(await failures(models, run), []);
});
