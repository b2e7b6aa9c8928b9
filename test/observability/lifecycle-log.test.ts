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
  log.versionStateChanged({ id, state: 'AVAILABLE' });
  log.engineStarted({ id, pid: 7 });
  log.engineExited({ id, pid: 7, expected: true, cause: 'closed' });
  log.engineExited({ id, pid: 8, expected: false, cause: 'SIGKILL' });
  log.preparationStarted({ id, pid: 9 });
  log.preparationExited({ id, pid: 9, expected: true, cause: 'closed' });
  log.preparationExited({ id, pid: 10, expected: false, cause: 'SIGKILL' });
  log.batchingStopped({ id, reason: 'it mixes rows' });
  log.versionStateChanged({ id, state: 'END' });
  log.versionStateChanged({ id: { name: 'digits', version: 2 }, state: 'END', reason: 'the file is cut short' });
  log.modelProblemChanged({ name: 'digits', problem: 'its model.json is not JSON' });
  log.modelProblemChanged({ name: 'digits' });
  assert.deepEqual(
    lines.map(({ level, model, msg }) => [level, model, msg]),
    [
      ['debug', 'iris', 'iris/1 is LOADING'],
      ['info', 'iris', 'iris/1 serves'],
      ['debug', 'iris', 'an engine process of iris/1 started'],
      ['debug', 'iris', 'an engine process of iris/1 ended'],
      ['warn', 'iris', 'an engine process of iris/1 ended unexpectedly: SIGKILL'],
      ['debug', 'iris', 'a preparation process of iris/1 started'],
      ['debug', 'iris', 'a preparation process of iris/1 ended'],
      ['warn', 'iris', 'a preparation process of iris/1 ended unexpectedly: SIGKILL'],
      ['warn', 'iris', 'iris/1 is not batched any more: it mixes rows'],
      ['info', 'iris', 'iris/1 no longer serves'],
      ['warn', 'digits', 'digits/2: the file is cut short'],
      ['warn', 'digits', 'digits: its model.json is not JSON'],
      ['info', 'digits', 'digits: its folder can be used again'],
    ],
  );
  assert.equal(lines[1]!.loadMs, 12);
});
