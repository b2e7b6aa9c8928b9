import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ModelSelector } from '../../src/core/model.js';
import type { VersionFacts } from '../../src/serving/model-entry.js';
import { findModel, type RoutedModel, route } from '../../src/serving/router.js';

/** How a version stands, in a word. */
type Standing = 'serves' | 'loads' | 'waits' | 'failed' | 'failed for now' | 'tried again' | 'unloads' | 'reloads';

const facts: Readonly<Record<Standing, Omit<VersionFacts, 'version'>>> = {
  serves: { serving: {}, unloading: 0 },
  reloads: { serving: {}, loading: 'b', unloading: 0 },
  waits: { loading: 'a', unloading: 0 },
  loads: { loading: 'a', loadStarted: true, unloading: 0 },
  failed: { failed: { reason: 'it is broken' }, unloading: 0 },
  'failed for now': { failed: { reason: 'its file was away', retryAfterSeconds: 1 }, unloading: 0 },
  'tried again': { failed: { reason: 'its folder is away', retryAfterSeconds: 8 }, unloading: 0 },
  unloads: { unloading: 1 },
};

interface World {
  readonly name: string;
  readonly versions: Readonly<Record<number, Standing>>;
  readonly model?: Partial<RoutedModel<VersionFacts>>;
  readonly asked?: Omit<ModelSelector, 'name'>;
  /** The version that answers; or the error's code, its seconds until another attempt, and words of it. */
  readonly outcome: number | readonly [code: string, retryAfterSeconds: number | undefined, words: string];
}

const never = Number.POSITIVE_INFINITY;
const labels = { config: { labels: { stable: 2, gone: 7 } } };
const unloaded = { suspended: true };

const worlds: readonly World[] = [
  { name: 'the one that serves answers', versions: { 4: 'serves' }, outcome: 4 },
  { name: 'of several the latest answers', versions: { 1: 'serves', 3: 'serves', 2: 'serves' }, outcome: 3 },
  { name: 'versions count as numbers', versions: { 10: 'serves', 9: 'serves' }, outcome: 10 },
  { name: 'one that does not serve yet is passed over', versions: { 2: 'serves', 3: 'loads' }, outcome: 2 },
  { name: 'so is one that failed', versions: { 2: 'serves', 3: 'failed' }, outcome: 2 },
  { name: 'what is being replaced serves', versions: { 2: 'serves', 3: 'reloads' }, outcome: 3 },
  {
    name: 'a version that is named answers',
    versions: { 2: 'serves', 3: 'serves' },
    asked: { version: 2 },
    outcome: 2,
  },
  {
    name: 'a label leads to its version',
    versions: { 2: 'serves', 3: 'serves' },
    model: labels,
    asked: { label: 'stable' },
    outcome: 2,
  },
  {
    name: 'a label counts for more than a version',
    versions: { 2: 'serves', 3: 'serves' },
    model: labels,
    asked: { label: 'stable', version: 3 },
    outcome: 2,
  },
  {
    name: 'a version that is not there',
    versions: { 3: 'serves', 2: 'serves' },
    asked: { version: 9 },
    outcome: ['NOT_FOUND', undefined, 'Specific(m, 9); its versions here are 2, 3'],
  },
  {
    name: 'a version of a model without any',
    versions: {},
    asked: { version: 9 },
    outcome: ['NOT_FOUND', undefined, 'it has no version here'],
  },
  {
    name: 'a label that is nearly right',
    versions: { 2: 'serves' },
    model: labels,
    asked: { label: 'stabel' },
    outcome: ['NOT_FOUND', undefined, 'Label(m, stabel); did you mean "stable"?'],
  },
  {
    name: 'a label that is like none',
    versions: { 2: 'serves' },
    model: labels,
    asked: { label: 'x' },
    outcome: ['NOT_FOUND', undefined, 'its labels are stable, gone'],
  },
  {
    name: 'a label where there are none',
    versions: { 2: 'serves' },
    asked: { label: 'toString' },
    outcome: ['NOT_FOUND', undefined, 'its labels are none'],
  },
  {
    name: 'a label of a version that is not there',
    versions: { 2: 'serves' },
    model: labels,
    asked: { label: 'gone' },
    outcome: ['NOT_FOUND', undefined, 'its versions here are 2'],
  },
  {
    name: 'what loads serves soon',
    versions: { 1: 'loads' },
    outcome: ['UNAVAILABLE', 1, 'Latest(m) does not serve now: version 1: LOADING'],
  },
  { name: 'so does what waits to', versions: { 1: 'waits' }, outcome: ['UNAVAILABLE', 1, 'version 1: START'] },
  {
    name: 'what failed does not',
    versions: { 1: 'failed' },
    outcome: ['UNAVAILABLE', never, 'version 1: END, it is broken'],
  },
  {
    name: 'what failed for now may',
    versions: { 1: 'failed for now' },
    outcome: ['UNAVAILABLE', 1, 'version 1: END, its file was away'],
  },
  {
    name: 'of what is on its way the first counts',
    versions: { 1: 'tried again', 2: 'failed' },
    outcome: ['UNAVAILABLE', 8, 'version 2: END, it is broken; version 1: END, its folder is away'],
  },
  {
    name: 'what loads is there before what is tried again later',
    versions: { 1: 'loads', 2: 'tried again' },
    outcome: ['UNAVAILABLE', 1, 'version 2: END, its folder is away; version 1: LOADING'],
  },
  {
    name: 'all that might have answered is told, the newest first',
    versions: { 1: 'unloads', 2: 'failed' },
    model: { problem: 'model.json is broken' },
    outcome: ['UNAVAILABLE', never, 'now: model.json is broken; version 2: END, it is broken; version 1: UNLOADING'],
  },
  { name: 'nothing is there', versions: {}, outcome: ['UNAVAILABLE', never, 'it has no version that could serve'] },
  {
    name: 'a named version that loads, whatever else serves',
    versions: { 2: 'serves', 3: 'loads' },
    asked: { version: 3 },
    outcome: ['UNAVAILABLE', 1, 'Specific(m, 3) does not serve now: LOADING'],
  },
  {
    name: 'a named version that failed',
    versions: { 2: 'serves', 3: 'failed' },
    asked: { version: 3 },
    outcome: ['UNAVAILABLE', never, 'now: END, it is broken'],
  },
  {
    name: 'what an operator unloaded is not there, and how to load it is told',
    versions: { 1: 'unloads' },
    model: unloaded,
    outcome: ['NOT_FOUND', undefined, 'it was unloaded; POST /v2/repository/models/m/load loads it'],
  },
  {
    name: 'nor is a version of it',
    versions: { 1: 'unloads' },
    model: unloaded,
    asked: { version: 1 },
    outcome: ['NOT_FOUND', undefined, 'Specific(m, 1); it was unloaded'],
  },
  {
    name: 'what is loaded again is on its way',
    versions: { 1: 'loads' },
    model: unloaded,
    outcome: ['UNAVAILABLE', 1, 'version 1: LOADING'],
  },
];

for (const { name, versions, model, asked, outcome } of worlds) {
  test(name, () => {
    const world: RoutedModel<VersionFacts> = {
      name: 'm',
      config: { labels: {} },
      problem: undefined,
      suspended: false,
      versions: new Map(
        Object.entries(versions).map(([version, standing]) => [
          Number(version),
          { version: Number(version), ...facts[standing] },
        ]),
      ),
      ...model,
    };
    const choose = (): VersionFacts => route(world, { name: 'm', ...asked });
    if (typeof outcome === 'number') return assert.equal(choose().version, outcome);
    const [code, retryAfterSeconds, words] = outcome;
    assert.throws(choose, (error: Error & { code: string; retryAfterSeconds: number | undefined }) => {
      assert.deepEqual([error.code, error.retryAfterSeconds], [code, retryAfterSeconds]);
      assert.ok(error.message.endsWith(words), error.message);
      return true;
    });
  });
}

test('an unknown model is told with the nearest one', () => {
  const models = new Map([['iris', 1]]);
  assert.equal(findModel(models, { name: 'iris' }), 1);
  assert.throws(() => findModel(models, { name: 'irsi' }), { code: 'NOT_FOUND', message: /; did you mean "iris"\?$/ });
  assert.throws(() => findModel(models, { name: 'zzz' }), { code: 'NOT_FOUND', message: /; no model has this name$/ });
});

test('the latest version answers, in whichever order they came; those that there are are named in theirs', () => {
  const came = [10, 3, 9].map((version) => [version, { version, ...facts.serves }] as const);
  const model = { name: 'iris', config: { labels: {} }, problem: undefined, suspended: false, versions: new Map(came) };
  assert.equal(route(model, { name: 'iris' }).version, 10);
  assert.throws(() => route(model, { name: 'iris', version: 4 }), {
    message: /its versions here are 3, 9, 10$/,
    missing: { selector: { name: 'iris', version: 4 }, hint: 'its versions here are 3, 9, 10' },
  });
});
