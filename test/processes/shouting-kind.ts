import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { ProcessFailure } from '../../src/core/process-failure.js';
import { ServingError } from '../../src/core/serving-error.js';
import { readText, textFrame, wordsOf } from '../../src/processes/frames/frames.js';
import { PoolQueue } from '../../src/processes/pool-queue.js';
import { ProcessFleet } from '../../src/processes/process-fleet.js';
import { InstancePool } from '../../src/processes/supervision/instance-pool.js';
import { defaultRestartPolicy } from '../../src/processes/supervision/restart-policy.js';
import { FinalError, type TenantProtocol } from '../../src/processes/tenant.js';

export const shoutKind = { load: 1, ask: 2, answer: 3, failed: 4, expired: 5 } as const;

/** What a tenant is loaded with. */
export interface Ordered {
  readonly prefix?: string;
  /** While there is a file of this name it cannot be loaded. */
  readonly brokenBy?: string;
}

export interface Shout {
  readonly text: string;
  readonly computeMs: number;
}

const protocol: TenantProtocol<string, Shout> = {
  write: (text, tenant) => [textFrame(shoutKind.ask, tenant, text)],
  read(frame) {
    const text = readText(frame);
    const kind = wordsOf(frame)[1];
    if (kind === shoutKind.expired) throw new FinalError('UNAVAILABLE', text, { retryAfterSeconds: 7 });
    if (kind === shoutKind.failed) throw new ServingError('INVALID_ARGUMENT', text);
    return JSON.parse(text) as Shout;
  },
};

export interface ShoutersOptions extends Ordered {
  readonly instances?: number;
  readonly memoryLimitBytes?: number;
  readonly timeoutMs?: number;
  readonly maxWaiting?: number;
  readonly mayShare?: boolean;
}

export const shoutingFleet = (context: TestContext, ownProcesses = 16): ProcessFleet => {
  const fleet = new ProcessFleet({
    program: fileURLToPath(new URL('./shouting-program.js', import.meta.url)),
    env: { PATH: process.env.PATH ?? '', GIVEN: 'this' },
    makeWorkspace: () => undefined,
    ownProcesses,
    sharedProcesses: 1,
  });
  context.after(() => fleet.close());
  return fleet;
};

/** A pool of the trivial kind's processes, and the queue before it. */
export class Shouters {
  readonly pool: InstancePool<string, Shout, undefined>;
  readonly queue: PoolQueue<string, Shout>;
  /** How its processes ended unasked. */
  readonly ends: string[] = [];

  private constructor(fleet: ProcessFleet, options: ShoutersOptions) {
    const { prefix, brokenBy, memoryLimitBytes, timeoutMs = 60_000, mayShare = false, maxWaiting = 100 } = options;
    this.pool = new InstancePool<string, Shout, undefined>({
      name: 'shouters',
      spares: 0,
      yields: false,
      policy: { ...defaultRestartPolicy, baseDelayMs: 1, minIntervalMs: 0, maxFailures: 3 },
      probeTimeoutMs: 60_000,
      probeOf: (text) => text,
      hopeless: (failures, last) => `failed ${failures} times in a row (last: ${last})`,
      open: (opening) =>
        fleet.open({
          ...opening,
          label: 'shouter',
          mayShare,
          memoryLimitBytes,
          timeoutMs: 60_000,
          chunks: (tenant) => [textFrame(shoutKind.load, tenant, JSON.stringify({ prefix, brokenBy }))],
          read: () => protocol,
          explain: (failure: ProcessFailure) => new ServingError('INTERNAL', `not loaded: ${failure.exit}`),
          onEnded: (_, { expected, cause }) => void (expected || this.ends.push(cause)),
        }),
      onClosed: () => {},
    });
    this.queue = new PoolQueue({ pool: this.pool, maxWaiting, timeoutMs });
  }

  static async start(context: TestContext, fleet: ProcessFleet, options: ShoutersOptions = {}): Promise<Shouters> {
    const shouters = new Shouters(fleet, options);
    context.after(() => shouters.pool.close());
    await shouters.pool.resize(options.instances ?? 1);
    return shouters;
  }

  async ask(text: string, signal?: AbortSignal): Promise<string> {
    return (await this.queue.ask(text, { signal })).text;
  }
}
