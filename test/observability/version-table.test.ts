import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { VersionTable } from '../../src/observability/series.js';

function aTable() {
  const clock = { now: 0 };
  const closed: string[] = [];
  let opened = 0;
  const table = new VersionTable<string>({
    open: ({ name, version }) => `${name}/${version}#${++opened}`,
    close: (entry) => closed.push(entry),
    keepMs: 1000,
    now: () => clock.now,
  });
  return { table, clock, closed };
}

const iris1 = { name: 'iris', version: 1 };
const iris2 = { name: 'iris', version: 2 };

describe('VersionTable', () => {
  test('knows no version that was not opened', () => {
    const { table } = aTable();
    assert.equal(table.find(iris1), undefined);
  });

  test('gives an open version the same entry every time', () => {
    const { table } = aTable();
    assert.equal(table.open(iris1), 'iris/1#1');
    assert.equal(table.open(iris1), 'iris/1#1');
    assert.equal(table.open(iris2), 'iris/2#2');
    assert.equal(table.find({ ...iris1 }), 'iris/1#1');
  });

  test('keeps a retired entry for a while and closes it once', () => {
    const { table, clock, closed } = aTable();
    table.open(iris1);
    table.open(iris2);
    table.retire(iris1);
    clock.now = 999;
    table.sweep();
    assert.deepEqual(closed, []);
    clock.now = 1000;
    table.sweep();
    table.sweep();
    assert.deepEqual(closed, ['iris/1#1']);
    assert.equal(table.find(iris1), undefined);
    assert.equal(table.find(iris2), 'iris/2#2');
  });

  test('counts the while from the first retirement', () => {
    const { table, clock, closed } = aTable();
    table.open(iris1);
    table.retire(iris1);
    clock.now = 900;
    table.retire(iris1);
    clock.now = 1000;
    table.sweep();
    assert.deepEqual(closed, ['iris/1#1']);
  });

  test('goes on with the same entry when the version comes back in time, and anew when later', () => {
    const { table, clock, closed } = aTable();
    table.open(iris1);
    table.retire(iris1);
    clock.now = 500;
    assert.equal(table.open(iris1), 'iris/1#1');
    clock.now = 5000;
    table.sweep();
    assert.deepEqual(closed, []);
    table.retire(iris1);
    clock.now = 6000;
    table.sweep();
    assert.equal(table.open(iris1), 'iris/1#2');
  });
});
