import { setTimeout as after } from 'node:timers/promises';
import { ClientConnection } from './client-connection.js';
import type { LoadPlan } from './load-plan.js';
import { openConnections } from './open-connections.js';
import type { Recorder } from './recorder.js';

/** Opens connections, asks once on each, one after the other, and holds them open for the time of the plan. */
export async function holdConnections(plan: LoadPlan, connections: number, recorder: Recorder): Promise<void> {
  let answered = (): void => undefined;
  const opened = await openConnections(connections, () =>
    ClientConnection.open({
      host: plan.host,
      port: plan.port,
      onResponse: (_connection, status, sentAtMs) => {
        recorder.answered(status, sentAtMs, performance.now());
        answered();
      },
      onFailure: () => {
        recorder.failures++;
        answered();
      },
    }),
  );
  recorder.start();
  for (const [index, connection] of opened.entries()) {
    const answer = new Promise<void>((resolve) => {
      answered = resolve;
    });
    connection.send(plan.requests[index % plan.requests.length] as Uint8Array, performance.now());
    await answer;
  }
  await after(plan.durationMs);
  recorder.stop();
  for (const connection of opened) connection.close();
}
