import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { serializeError } from '../../src/observability/error-serializer.js';

describe('serializeError', () => {
  test('keeps type, message, code, stack and cause and leaves the rest out', () => {
    const cause = new TypeError('inner');
    const error = Object.assign(new Error('outer', { cause }), { code: 'E_BODY', body: 'the request', status: 400 });
    const serialized = serializeError(error);
    assert.equal(serialized.type, 'Error');
    assert.equal(serialized.message, 'outer');
    assert.equal(serialized.code, 'E_BODY');
    assert.ok(serialized.stack?.includes('error-serializer.test'));
    assert.equal(serialized.cause?.type, 'TypeError');
    assert.deepEqual(Object.keys(serialized).sort(), ['cause', 'code', 'message', 'stack', 'type']);
  });

  test('ends where errors cause each other', () => {
    const error = new Error('round');
    error.cause = error;
    assert.doesNotThrow(() => JSON.stringify(serializeError(error)));
  });

  test('says no more of what is not an error than its type', () => {
    assert.deepEqual(serializeError('the request'), { type: 'string', message: 'not an Error' });
  });
});
