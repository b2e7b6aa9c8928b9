import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultModelConfig, type VersionPolicy } from '../../src/core/model-config.js';
import { wantedVersions } from '../../src/sources/wanted-versions.js';

interface World {
  readonly what: string;
  readonly versions: readonly number[];
  readonly policy?: VersionPolicy;
  readonly labels?: Readonly<Record<string, number>>;
  readonly wanted: readonly number[];
}

const latest = (count: number): VersionPolicy => ({ kind: 'latest', count });
const specific = (...versions: number[]): VersionPolicy => ({ kind: 'specific', versions });

const worlds: readonly World[] = [
  { what: 'by default the highest', versions: [1, 2, 10], wanted: [10] },
  { what: 'none of none', versions: [], wanted: [] },
  { what: 'the two highest', versions: [1, 2, 10], policy: latest(2), wanted: [2, 10] },
  { what: 'fewer than asked for are all', versions: [3], policy: latest(5), wanted: [3] },
  { what: 'all', versions: [1, 2, 10], policy: { kind: 'all' }, wanted: [1, 2, 10] },
  { what: 'specific ones', versions: [1, 2, 10], policy: specific(10, 1), wanted: [1, 10] },
  { what: 'specific ones, as far as they are there', versions: [1, 2], policy: specific(2, 7), wanted: [2] },
  { what: 'a labelled one besides the latest', versions: [1, 2, 3], labels: { stable: 1 }, wanted: [1, 3] },
  { what: 'two labels on the latest add nothing', versions: [1, 2], labels: { a: 2, b: 2 }, wanted: [2] },
  {
    what: 'a labelled one besides specific ones',
    versions: [1, 2, 3],
    policy: specific(1),
    labels: { x: 3 },
    wanted: [1, 3],
  },
  { what: 'a label on a version that is not there', versions: [1, 2], labels: { stable: 9 }, wanted: [2] },
];

for (const { what, versions, policy = latest(1), labels = {}, wanted } of worlds) {
  test(`wanted of ${versions.join(', ') || 'nothing'}: ${what}`, () => {
    const found = versions.map((version) => ({
      id: { name: 'm', version },
      modelPath: `/models/m/${version}/model.onnx`,
      fingerprint: String(version),
    }));
    const config = { ...defaultModelConfig, versionPolicy: policy, labels };
    const ids = wantedVersions({ name: 'm', config, versions: found }).map(({ id }) => id.version);
    assert.deepEqual(ids, wanted);
  });
}
