import { setImmediate as nextTurn } from 'node:timers/promises';
import { ClientConnection } from './client-connection.js';
import type { LoadPlan } from './load-plan.js';
import { openConnections } from './open-connections.js';
import type { Recorder } from './recorder.js';

/** How long answers to what was sent are waited for, once nothing is sent any more. */
const patienceMs = 20_000;

interface OpenLoopPace {
  readonly requestsPerSecond: number;
  readonly maxConnections: number;
}

/**
 * Sends at random moments (exponential gaps), whether or not the server keeps up. A request for which no connection
 * is free waits in the generator, and this wait counts: latency is measured from the moment it was meant to be sent.
 */
export async function runOpenLoop(plan: LoadPlan, pace: OpenLoopPace, recorder: Recorder): Promise<void> {
  const loop = new OpenLoop(plan, recorder);
  await loop.open(pace.maxConnections);
  const meanGapMs = 1000 / pace.requestsPerSecond;
  const startMs = performance.now();
  const countMs = startMs + plan.warmupMs;
  const endMs = countMs + plan.durationMs;
  let dueMs = startMs;
  let started = false;
  // The generator has a core of its own: it looks at the clock without pause, as a timer would be a millisecond off.
  for (let nowMs = startMs; nowMs < endMs; nowMs = performance.now()) {
    if (!started && nowMs >= countMs) {
      recorder.start();
      started = true;
    }
    while (dueMs <= nowMs) {
      loop.arrive(dueMs);
      dueMs += -meanGapMs * Math.log(1 - Math.random());
    }
    await nextTurn();
  }
  recorder.stop();
  await loop.finish();
}

class OpenLoop {
  readonly #plan: LoadPlan;
  readonly #recorder: Recorder;
  readonly #free: ClientConnection[] = [];
  readonly #all: ClientConnection[] = [];
  /** Moments of the requests that wait for a connection; those before `#nextWaiting` are gone. */
  readonly #waiting: number[] = [];
  #nextWaiting = 0;
  #next = 0;
  #open = 0;

  constructor(plan: LoadPlan, recorder: Recorder) {
    this.#plan = plan;
    this.#recorder = recorder;
  }

  async open(connections: number): Promise<void> {
    this.#all.push(...(await openConnections(connections, () => this.#connect())));
    this.#free.push(...this.#all);
  }

  arrive(dueMs: number): void {
    if (this.#recorder.covers(dueMs)) {
      this.#recorder.arrivals++;
      if (this.#free.length === 0) this.#recorder.delayedArrivals++;
    }
    const connection = this.#free.pop();
    if (connection === undefined) this.#waiting.push(dueMs);
    else this.#send(connection, dueMs);
  }

  /** Waits for the answers to what was sent, then hangs up. What was never sent stays unsent. */
  async finish(): Promise<void> {
    this.#nextWaiting = this.#waiting.length;
    const deadlineMs = performance.now() + patienceMs;
    while (this.#open > 0 && performance.now() < deadlineMs) await nextTurn();
    for (const connection of this.#all) connection.close();
  }

  #connect(): Promise<ClientConnection> {
    const { host, port } = this.#plan;
    return ClientConnection.open({
      host,
      port,
      onResponse: (connection, status, dueMs) => {
        this.#open--;
        this.#recorder.answered(status, dueMs, performance.now());
        const waited = this.#waiting[this.#nextWaiting];
        if (waited === undefined) {
          this.#free.push(connection);
        } else {
          this.#nextWaiting++;
          this.#send(connection, waited);
        }
      },
      onFailure: (connection) => {
        this.#recorder.failures++;
        if (connection.busy) this.#open--;
        const at = this.#free.indexOf(connection);
        if (at !== -1) this.#free.splice(at, 1);
      },
    });
  }

  #send(connection: ClientConnection, dueMs: number): void {
    this.#open++;
    connection.send(this.#plan.requests[this.#next++ % this.#plan.requests.length] as Uint8Array, dueMs);
  }
}
