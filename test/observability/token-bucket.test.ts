import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { TokenBucket } from '../../src/observability/token-bucket.js';

const taken = (bucket: TokenBucket, times: readonly number[]): number =>
  times.filter((time) => bucket.tryTake(time)).length;

describe('TokenBucket', () => {
  test('lets a second’s worth through at once and then its rate', () => {
    const bucket = new TokenBucket(10);
    assert.equal(taken(bucket, new Array(50).fill(0)), 10);
    assert.equal(bucket.tryTake(99), false);
    assert.equal(bucket.tryTake(100), true);
    assert.equal(bucket.tryTake(101), false);
  });

  test('saves no more than a second’s worth', () => {
    const bucket = new TokenBucket(3);
    assert.equal(bucket.tryTake(0), true);
    assert.equal(taken(bucket, new Array(50).fill(60_000)), 3);
  });

  test('lets one through every few seconds at a rate below one', () => {
    const bucket = new TokenBucket(0.5);
    const times = Array.from({ length: 10 }, (_, second) => second * 1000);
    assert.equal(taken(bucket, times), 5);
  });

  test('lets nothing through at a rate of zero', () => {
    assert.equal(taken(new TokenBucket(0), [0, 1e6, 1e9]), 0);
  });
});
