/**
 * A worker process of its own: loads a model twice, prints the engine processes' ids, and waits to be killed.
 * Arguments: `idle` or `endless`, and `aside` to have others start the engines.
 */
import { ProcessEngine } from '../../src/engine/process-engine.js';
import { endless, loadRequest } from './engine-fixture.js';

const engine = new ProcessEngine({ observer: {}, telemetry: false, loadTimeoutMs: 60_000 });
if (process.argv[3] === 'aside') engine.startAside();
const group = await engine.load(loadRequest('count', { instances: 2 }));
if (process.argv[2] === 'endless') {
  void group.tryRun(endless);
  void group.tryRun(endless);
}
console.log(JSON.stringify([...engine.processes()].map(({ pid }) => pid)));
