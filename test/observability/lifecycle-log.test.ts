import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LifecycleLog } from '../../src/observability/lifecycle-log.js';
import { createLoggerTo } from '../../src/observability/logger.js';

test('LifecycleLog warns of what an operator has to know and mentions the rest', () => {
  const lines: Record<string, unknown>[] = [];
  const stream = { write: (line: string) => void lines.push(JSON.parse(line)) };
  const log = new LifecycleLog(createLoggerTo(stream, { level: 'debug', version: '1.2.3' }));
  const id = { name: 'iris', version: 1 };
  log.versionStateChanged({ id, state: 'LOADING' });
  log.versionLoaded({ id, durationMs: 12.3 });
  log.engineStarted({ id, pid: 7 });
  log.engineExited({ id, pid: 7, expected: true, cause: 'closed' });
  log.engineExited({ id, pid: 8, expected: false, cause: 'SIGKILL' });
  log.versionStateChanged({ id, state: 'END', reason: 'the file is cut short' });
  assert.deepEqual(
    lines.map(({ level, model, msg }) => [level, model, msg]),
    [
      ['info', 'iris', 'model version is LOADING'],
      ['info', 'iris', 'model version loaded'],
      ['debug', 'iris', 'engine process started'],
      ['debug', 'iris', 'engine process ended'],
      ['warn', 'iris', 'engine process ended unexpectedly'],
      ['warn', 'iris', 'model version is END: the file is cut short'],
    ],
  );
});
