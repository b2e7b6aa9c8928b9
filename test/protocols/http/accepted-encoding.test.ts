import assert from 'node:assert/strict';
import { test } from 'node:test';
import { acceptedEncoding } from '../../../src/protocols/http/accepted-encoding.js';

const table: readonly (readonly [header: string | undefined, chosen: string | undefined])[] = [
  [undefined, undefined],
  ['', undefined],
  ['gzip, deflate', 'gzip'],
  ['deflate, gzip', 'gzip'],
  ['gzip, deflate, br', 'br'],
  ['br;q=0.5, gzip', 'gzip'],
  ['br;q=0, gzip;q=0.001', 'gzip'],
  ['gzip;q=0', undefined],
  ['*', 'br'],
  ['*;q=0', undefined],
  ['br;q=0, *;q=0.3', 'gzip'],
  ['identity', undefined],
  ['identity, gzip;q=0.5', undefined],
  ['identity;q=0.5, gzip', 'gzip'],
  ['identity;q=0, compress', undefined],
  ['GZip ; Q=0.8', 'gzip'],
  ['x-gzip', 'gzip'],
  ['snappy, gzip;foo=bar', 'gzip'],
  ['gzip;q=nonsense', 'gzip'],
];

for (const [header, chosen] of table) {
  test(`"${header}" is answered ${chosen === undefined ? 'as it is' : `in ${chosen}`}`, () => {
    assert.equal(acceptedEncoding(header, ['br', 'gzip', 'deflate']), chosen);
  });
}
