import { setTimeout as after } from 'node:timers/promises';
import { ClientConnection } from './client-connection.js';
import type { LoadPlan } from './load-plan.js';
import { openConnections } from './open-connections.js';
import type { Recorder } from './recorder.js';

/** So many callers at once, each with its next request as soon as the last one is answered. */
export async function runClosedLoop(plan: LoadPlan, connections: number, recorder: Recorder): Promise<void> {
  let next = 0;
  let sending = true;
  const request = (): Uint8Array => plan.requests[next++ % plan.requests.length] as Uint8Array;
  const opened = await openConnections(
    connections,
    (): Promise<ClientConnection> =>
      ClientConnection.open({
        host: plan.host,
        port: plan.port,
        onResponse: (connection, status, sentAtMs) => {
          const nowMs = performance.now();
          recorder.answered(status, sentAtMs, nowMs);
          if (sending) connection.send(request(), nowMs);
        },
        onFailure: () => {
          recorder.failures++;
        },
      }),
  );
  for (const connection of opened) connection.send(request(), performance.now());
  await after(plan.warmupMs);
  recorder.start();
  await after(plan.durationMs);
  recorder.stop();
  sending = false;
  for (const connection of opened) connection.close();
}
