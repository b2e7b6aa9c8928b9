import { create, toBinary } from '@bufbuild/protobuf';
import type { ServerWritableStream } from '@grpc/grpc-js';
import { ServingError } from '../../../core/serving-error.js';
import { shownValue } from '../../../core/short-text.js';
import { grpcFailure, trailersOf } from '../grpc-failure.js';
import { type GrpcContext, type GrpcMethod, messageOf, pathOf, unaryMethod } from '../grpc-method.js';
import type { OpenStreams } from '../grpc-server.js';
import {
  Health,
  HealthCheckRequestSchema,
  HealthCheckResponseSchema,
  HealthCheckResponse_ServingStatus as Status,
} from '../schema/health_pb.js';

export interface HealthOptions {
  readonly context: GrpcContext;
  /** Names of the services there are; all of them serve, or none does. */
  readonly services: readonly string[];
  /** How often whoever watches is told. */
  readonly watchIntervalMs?: number;
}

type Watcher = ServerWritableStream<Buffer, Buffer>;

const usualWatchIntervalMs = 1000;

/** `grpc.health.v1`: the server, under the empty name, and each of its services serve while it is ready. No call is asked who it is. */
export class HealthService implements OpenStreams {
  readonly methods: readonly GrpcMethod[];
  readonly #options: HealthOptions;
  readonly #names: ReadonlySet<string>;
  /** Those that watch what is known, and what they were told last. */
  readonly #watchers = new Map<Watcher, Status>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: HealthOptions) {
    this.#options = options;
    const { context, services } = options;
    this.#names = new Set(['', ...services]);
    const shared = { context, scope: 'open', purpose: () => ({ action: 'health' }) } as const;
    this.methods = [
      unaryMethod({
        ...shared,
        method: Health.method.check,
        respond: async ({ service }) => {
          if (this.#names.has(service)) return { status: await this.#status() };
          const known = [...this.#names].map((name) => shownValue(name)).join(', ');
          throw new ServingError('NOT_FOUND', `no service ${shownValue(service)}; known are ${known}`);
        },
      }),
      unaryMethod({
        ...shared,
        method: Health.method.list,
        respond: async () => {
          const status = await this.#status();
          return { statuses: Object.fromEntries([...this.#names].map((name) => [name, { status }])) };
        },
      }),
      {
        path: pathOf(Health.method.watch),
        scope: 'open',
        kind: 'serverStream',
        handle: (watcher) => this.#watch(watcher),
      },
    ];
  }

  async #status(): Promise<Status> {
    return (await this.#options.context.service.ready) ? Status.SERVING : Status.NOT_SERVING;
  }

  #watch(watcher: Watcher): void {
    try {
      const { service } = messageOf(HealthCheckRequestSchema, watcher.request);
      if (!this.#names.has(service)) {
        // As the protocol has it: the service may come yet.
        watcher.write(written(Status.SERVICE_UNKNOWN));
        this.#keep(watcher, Status.SERVICE_UNKNOWN);
        return;
      }
      this.#keep(watcher, Status.UNKNOWN);
      void this.#tell();
    } catch (error) {
      this.#end(watcher, error as ServingError);
    }
  }

  #keep(watcher: Watcher, told: Status): void {
    this.#watchers.set(watcher, told);
    watcher.once('cancelled', () => {
      this.#watchers.delete(watcher);
      if (this.#watchers.size === 0) this.#stop();
    });
    this.#timer ??= setInterval(() => void this.#tell(), this.#options.watchIntervalMs ?? usualWatchIntervalMs).unref();
  }

  /** Whoever was told otherwise. */
  async #tell(): Promise<void> {
    const status = await this.#status();
    for (const [watcher, told] of this.#watchers) {
      if (told === status || told === Status.SERVICE_UNKNOWN) continue;
      this.#watchers.set(watcher, status);
      watcher.write(written(status));
    }
  }

  #end(watcher: Watcher, error: ServingError): void {
    const { ids } = this.#options.context;
    watcher.emit('error', grpcFailure(error, trailersOf(ids.of({ headers: {} }))));
  }

  #stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  drain(): void {
    void this.#tell();
  }

  close(): void {
    this.#stop();
    for (const watcher of this.#watchers.keys())
      this.#end(watcher, new ServingError('UNAVAILABLE', 'the server is stopping; watch another'));
    this.#watchers.clear();
  }
}

const written = (status: Status): Buffer =>
  Buffer.from(toBinary(HealthCheckResponseSchema, create(HealthCheckResponseSchema, { status })));
