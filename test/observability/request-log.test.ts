import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { type ErrorCode, ServingError } from '../../src/core/serving-error.js';
import { createLoggerTo, type LogLevel } from '../../src/observability/logger.js';
import { RequestLog } from '../../src/observability/request-log.js';

function aLog(context: TestContext, options: { level?: LogLevel; successesPerSecond?: number } = {}) {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const lines: Record<string, unknown>[] = [];
  const clock = { now: 0 };
  const stream = { write: (line: string) => void lines.push(JSON.parse(line)) };
  const log = new RequestLog({
    logger: createLoggerTo(stream, { level: options.level ?? 'info', version: '1.2.3' }),
    successesPerSecond: options.successesPerSecond ?? 1,
    failuresPerSecond: 2,
    rejectionsPerSecond: 2,
    summaryIntervalMs: 5000,
    now: () => clock.now,
  });
  const answer = (code: ErrorCode | 'OK', error?: Error) =>
    log.requestFinished({ protocol: 'v2', code, durationMs: 1, ...(error && { error }) });
  return { log, lines, clock, answer };
}

describe('RequestLog', () => {
  test('writes what a request was and how long it took', (context) => {
    const { log, lines } = aLog(context);
    log.requestFinished({
      id: { name: 'iris', version: 2 },
      requestId: 'abc',
      protocol: 'v1',
      code: 'OK',
      status: 200,
      rows: 3,
      durationMs: 1.23456,
      timings: { queueMs: 0.1, batchMs: 0.9, computeMs: 0.5 },
    });
    const { time, pid, ...line } = lines[0]!;
    assert.match(String(time), /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    assert.equal(pid, process.pid);
    assert.deepEqual(line, {
      level: 'info',
      service: 'slipway',
      serviceVersion: '1.2.3',
      version: 2,
      requestId: 'abc',
      model: 'iris',
      protocol: 'v1',
      code: 'OK',
      status: 200,
      rows: 3,
      durationMs: 1.235,
      queueMs: 0.1,
      computeMs: 0.5,
      msg: 'request answered',
    });
  });

  test('samples successes and says nothing of the others', (context) => {
    const { lines, clock, answer } = aLog(context, { successesPerSecond: 2 });
    for (let request = 0; request < 100; request++) answer('OK');
    clock.now = 1000;
    answer('OK');
    context.mock.timers.tick(60_000);
    assert.equal(lines.length, 3);
  });

  test('logs failures by whose fault they are', (context) => {
    const { lines, answer } = aLog(context, { successesPerSecond: 0 });
    for (const code of ['INVALID_ARGUMENT', 'UNAVAILABLE', 'INTERNAL', 'OK'] as const) answer(code);
    assert.deepEqual(
      lines.map(({ level, code }) => [level, code]),
      [
        ['info', 'INVALID_ARGUMENT'],
        ['warn', 'UNAVAILABLE'],
        ['error', 'INTERNAL'],
      ],
    );
  });

  test('caps the lines for failures of each kind and sums up the rest', (context) => {
    const { lines, answer } = aLog(context);
    for (let request = 0; request < 100; request++) answer('INVALID_ARGUMENT');
    for (let request = 0; request < 10; request++) answer('NOT_FOUND');
    answer('INTERNAL');
    assert.equal(lines.length, 3);
    context.mock.timers.tick(5000);
    assert.equal(lines.length, 4);
    assert.deepEqual(lines[3]!.leftOut, { INVALID_ARGUMENT: 98, NOT_FOUND: 10 });
    context.mock.timers.tick(60_000);
    assert.equal(lines.length, 4);
  });

  test('sums up at its end', (context) => {
    const { log, lines, answer } = aLog(context);
    for (let request = 0; request < 3; request++) answer('UNAVAILABLE');
    log.close();
    log.close();
    assert.deepEqual(lines.map(({ leftOut }) => leftOut).slice(2), [{ UNAVAILABLE: 1 }]);
  });

  test('gives the stack of a fault, the reason of a rejection, and of a mistake neither', (context) => {
    const { lines, answer } = aLog(context);
    answer('INTERNAL', new Error('broke'));
    answer('UNAVAILABLE', new ServingError('UNAVAILABLE', 'the queue is full'));
    answer('INVALID_ARGUMENT', new ServingError('INVALID_ARGUMENT', 'expected a number, got "secret"'));
    assert.match(JSON.stringify(lines[0]!.error), /broke.*stack/s);
    assert.equal(lines[1]!.reason, 'the queue is full');
    assert.doesNotMatch(JSON.stringify(lines[2]), /secret/);
  });

  test('gives the reason of a mistake where the operator asked for everything', (context) => {
    const { lines, answer } = aLog(context, { level: 'debug' });
    answer('INVALID_ARGUMENT', new ServingError('INVALID_ARGUMENT', 'expected a number, got "secret"'));
    assert.equal(lines[0]!.reason, 'expected a number, got "secret"');
  });

  test('is quiet below the level asked for', (context) => {
    const { log, lines, answer } = aLog(context, { level: 'warn' });
    for (let request = 0; request < 100; request++) answer('NOT_FOUND');
    answer('OK');
    log.close();
    assert.equal(lines.length, 0);
  });
});
