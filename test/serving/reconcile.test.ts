import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type ReconcileAction,
  reconcile,
  type VersionSituation,
  type WantedVersion,
} from '../../src/serving/reconcile.js';

const want = (...versions: number[]): WantedVersion[] => versions.map((version) => ({ version, fingerprint: 'a' }));

interface World {
  readonly name: string;
  readonly wanted: readonly WantedVersion[];
  readonly current: readonly VersionSituation[];
  readonly action: ReconcileAction | undefined;
}

const worlds: World[] = [
  { name: 'nothing is wanted and nothing is there', wanted: [], current: [], action: undefined },
  {
    name: 'what is missing is loaded, the newest first',
    wanted: want(1, 2),
    current: [],
    action: { kind: 'load', version: 2 },
  },
  {
    name: 'what is being loaded is not loaded again; the next one is',
    wanted: want(1, 2),
    current: [{ version: 2, loading: 'a' }],
    action: { kind: 'load', version: 1 },
  },
  {
    name: 'what serves with the right content is left alone',
    wanted: want(1),
    current: [{ version: 1, serving: 'a' }],
    action: undefined,
  },
  {
    name: 'new content of a serving version is loaded beside it',
    wanted: want(1),
    current: [{ version: 1, serving: 'old' }],
    action: { kind: 'load', version: 1 },
  },
  {
    name: 'content that failed is not tried again',
    wanted: want(1),
    current: [{ version: 1, serving: 'old', failed: 'a' }],
    action: undefined,
  },
  {
    name: 'content that changed after a failure is tried',
    wanted: want(1),
    current: [{ version: 1, failed: 'older' }],
    action: { kind: 'load', version: 1 },
  },
  {
    name: 'the old version serves while one of several new ones still loads',
    wanted: want(2, 3),
    current: [
      { version: 1, serving: 'a' },
      { version: 2, serving: 'a' },
      { version: 3, loading: 'a' },
    ],
    action: undefined,
  },
  {
    name: 'the old version serves while the new one loads',
    wanted: want(2),
    current: [
      { version: 1, serving: 'a' },
      { version: 2, loading: 'a' },
    ],
    action: undefined,
  },
  {
    name: 'the old version is unloaded once the new one serves',
    wanted: want(2),
    current: [
      { version: 1, serving: 'a' },
      { version: 2, serving: 'a' },
    ],
    action: { kind: 'unload', version: 1 },
  },
  {
    name: 'the old version stays when the new one failed',
    wanted: want(2),
    current: [
      { version: 1, serving: 'a' },
      { version: 2, failed: 'a' },
    ],
    action: undefined,
  },
  {
    name: 'a model that is gone is unloaded at once',
    wanted: [],
    current: [{ version: 1, serving: 'a' }],
    action: { kind: 'unload', version: 1 },
  },
  {
    name: 'what loads and is no longer wanted is waited for',
    wanted: [],
    current: [{ version: 1, loading: 'a' }],
    action: undefined,
  },
  {
    name: 'the newest is loaded first, whatever the order in which versions are wanted',
    wanted: want(3, 1, 2),
    current: [],
    action: { kind: 'load', version: 3 },
  },
  {
    name: 'what serves old content while its new content loads is left alone',
    wanted: want(1),
    current: [{ version: 1, serving: 'old', loading: 'a' }],
    action: undefined,
  },
  {
    name: 'content that changes while other content loads waits for that',
    wanted: want(1),
    current: [{ version: 1, loading: 'older' }],
    action: undefined,
  },
  {
    name: 'the old version serves while a new one that serves loads other content',
    wanted: want(2),
    current: [
      { version: 1, serving: 'a' },
      { version: 2, serving: 'old', loading: 'a' },
    ],
    action: undefined,
  },
  {
    name: 'the old version goes where one of several new ones serves and the other failed',
    wanted: want(2, 3),
    current: [
      { version: 1, serving: 'a' },
      { version: 2, serving: 'a' },
      { version: 3, failed: 'a' },
    ],
    action: { kind: 'unload', version: 1 },
  },
  {
    name: 'an old version that serves and loads is waited for, even where nothing is wanted',
    wanted: [],
    current: [{ version: 1, serving: 'old', loading: 'a' }],
    action: undefined,
  },
  {
    name: 'of two old versions one goes while the other still loads',
    wanted: want(3),
    current: [
      { version: 1, serving: 'old', loading: 'a' },
      { version: 2, serving: 'a' },
      { version: 3, serving: 'a' },
    ],
    action: { kind: 'unload', version: 2 },
  },
  {
    name: 'what is missing is loaded before anything is forgotten',
    wanted: want(2),
    current: [{ version: 1, failed: 'a' }],
    action: { kind: 'load', version: 2 },
  },
  {
    name: 'what is over is forgotten before anything is unloaded',
    wanted: want(3),
    current: [{ version: 1, serving: 'a' }, { version: 2 }, { version: 3, serving: 'a' }],
    action: { kind: 'forget', version: 2 },
  },
  {
    name: 'an old version is forgotten while the new one loads',
    wanted: want(2),
    current: [{ version: 1 }, { version: 2, loading: 'a' }],
    action: { kind: 'forget', version: 1 },
  },
  {
    name: 'what failed and is gone is forgotten',
    wanted: [],
    current: [{ version: 1, failed: 'a' }],
    action: { kind: 'forget', version: 1 },
  },
];

for (const { name, wanted, current, action } of worlds) {
  test(name, () => assert.deepEqual(reconcile(wanted, current), action));
}
