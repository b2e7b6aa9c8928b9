/** The load generator's process: takes one plan at a time from its parent and answers with a report. */
import { runClosedLoop } from './closed-loop.js';
import { holdConnections } from './idle-connections.js';
import type { LoadPlan } from './load-plan.js';
import { runOpenLoop } from './open-loop.js';
import { Recorder } from './recorder.js';

process.on('message', (plan: LoadPlan) => {
  run(plan).then(
    (report) => process.send?.({ report }),
    (error: Error) => process.send?.({ error: error.message }),
  );
});

async function run(plan: LoadPlan) {
  const recorder = new Recorder(plan);
  const { pace } = plan;
  if (pace.kind === 'closed') await runClosedLoop(plan, pace.connections, recorder);
  else if (pace.kind === 'open') await runOpenLoop(plan, pace, recorder);
  else await holdConnections(plan, pace.connections, recorder);
  return recorder.report();
}
