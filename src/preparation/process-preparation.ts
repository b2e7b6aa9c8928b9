import { fileURLToPath } from 'node:url';
import { formatId, type ModelVersionId } from '../core/model.js';
import type {
  Preparation,
  PreparationInterest,
  PreparationLoad,
  PreparationOrder,
  PreparedImage,
  Preparer,
  TokenizerFacts,
} from '../core/preparation.js';
import type { ProcessFailure } from '../core/process-failure.js';
import { invalidArgument, ServingError } from '../core/serving-error.js';
import type { ServingEmitter } from '../core/serving-observer.js';
import { wordsOf } from '../processes/frames/frames.js';
import { PoolQueue } from '../processes/pool-queue.js';
import { describeExit } from '../processes/process-exit.js';
import { ProcessFleet } from '../processes/process-fleet.js';
import { InstancePool } from '../processes/supervision/instance-pool.js';
import { defaultRestartPolicy } from '../processes/supervision/restart-policy.js';
import type { TenantProtocol } from '../processes/tenant.js';
import {
  type Failure,
  frameKind,
  type Operation,
  type PreparationMessage,
  readMessage,
  writeMessage,
} from './preparation-frames.js';
import { readPreparedImage } from './prepared-image-message.js';
import { readTokenized } from './tokenized-message.js';

export interface ProcessPreparationOptions {
  /** Cores the processes may use. */
  readonly cores: number;
  /** Of one request, before its process is ended. */
  readonly timeoutMs: number;
  /** Requests of one model that may wait. */
  readonly maxWaiting: number;
  readonly observer: Pick<ServingEmitter, 'preparationStarted' | 'preparationExited'>;
  /** The environment that the processes' few variables are taken from. Default: this process's. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

interface Prepared extends PreparationMessage {
  readonly computeMs: number;
}

const programPath = fileURLToPath(new URL('./process/preparation-main.js', import.meta.url));

/** Models have processes of their own until there are this many. */
const ownProcesses = 4;
const passedOn = ['LD_LIBRARY_PATH', 'TMPDIR', 'TZ', 'NODE_V8_COVERAGE'] as const;

/** What is asked, and the bytes that belong to it. */
interface Asked {
  readonly operation: Operation;
  readonly blobs?: readonly Uint8Array[];
}

const protocol: TenantProtocol<Asked, Prepared> = {
  write: ({ operation, blobs }, tenant) => writeMessage(frameKind.run, tenant, operation, blobs),
  read(frame) {
    const message = readMessage(frame);
    if (wordsOf(frame)[1] === frameKind.failed) throw invalidArgument((message.json as Failure).message);
    return { ...message, computeMs: (message.json as { readonly prepareMs: number }).prepareMs };
  },
};

/** Preparation in child processes, which may crash, hang or be killed without harm to this one. */
export class ProcessPreparation implements Preparation {
  readonly #options: ProcessPreparationOptions;
  readonly #fleet: ProcessFleet;
  readonly #preparers = new Set<ProcessPreparer>();

  constructor(options: ProcessPreparationOptions) {
    this.#options = options;
    const env = options.env ?? process.env;
    const passed = passedOn.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]] as const]));
    this.#fleet = new ProcessFleet({
      program: programPath,
      // One thread each: there are as many processes as cores.
      env: { ...Object.fromEntries(passed), UV_THREADPOOL_SIZE: '1', RAYON_NUM_THREADS: '1' },
      makeWorkspace: () => undefined,
      ownProcesses,
      sharedProcesses: options.cores,
    });
  }

  async open(order: PreparationOrder): Promise<Preparer> {
    const preparer = new ProcessPreparer(this.#fleet, order, this.#options, () => this.#preparers.delete(preparer));
    this.#preparers.add(preparer);
    await preparer.start();
    return preparer;
  }

  loads(): readonly PreparationLoad[] {
    return [...this.#preparers].map(({ load }) => load);
  }

  /** What is opened from now on must not keep this process from what it serves. */
  startAside(): void {
    this.#fleet.useForkServer();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#preparers].map((preparer) => preparer.close()));
    await this.#fleet.close();
  }
}

class ProcessPreparer implements Preparer {
  tokenizer: TokenizerFacts = { specialIds: {}, subwordPrefix: undefined };
  readonly #pool: InstancePool<Asked, Prepared, undefined>;
  readonly #queue: PoolQueue<Asked, Prepared>;
  readonly #id: ModelVersionId;
  readonly #onClosed: () => void;

  constructor(fleet: ProcessFleet, order: PreparationOrder, options: ProcessPreparationOptions, onClosed: () => void) {
    const { id, tokenizer, specialTokens = {}, image } = order;
    const { timeoutMs, maxWaiting, observer } = options;
    this.#id = id;
    this.#onClosed = onClosed;
    this.#pool = new InstancePool({
      name: `the preparation of ${formatId(id)}`,
      spares: 0,
      yields: false,
      policy: defaultRestartPolicy,
      probeTimeoutMs: timeoutMs,
      // Texts are small, and nothing of a process is warm for one alone.
      probeOf: () => undefined,
      hopeless: (failures, last) => `its process failed ${failures} times in a row (last: ${last})`,
      open: (opening) =>
        fleet.open({
          ...opening,
          label: `${formatId(id)} preparation`,
          mayShare: true,
          timeoutMs,
          chunks: (tenant) =>
            writeMessage(frameKind.load, tenant, { specialTokens, image }, tokenizer === undefined ? [] : [tokenizer]),
          read: (frame) => {
            const { json } = readMessage(frame);
            if (wordsOf(frame)[1] === frameKind.failed) throw unusable(order, (json as Failure).message);
            this.tokenizer = json as TokenizerFacts;
            return protocol;
          },
          onStarted: (pid) => observer.preparationStarted({ id, pid }),
          onEnded: (pid, { expected, ...exit }) =>
            observer.preparationExited({ id, pid, expected, cause: expected ? exit.cause : describeExit(exit) }),
          explain: (failure: ProcessFailure, end) =>
            unusable(
              order,
              `it ended the process that read it (${end === undefined ? failure.exit : describeExit(end)})`,
            ),
        }),
      onClosed: () => {},
    });
    this.#queue = new PoolQueue({ pool: this.#pool, maxWaiting, timeoutMs });
  }

  get load(): PreparationLoad {
    return { id: this.#id, waiting: this.#queue.waiting, processes: this.#pool.instanceCount };
  }

  /** Rejects where the files cannot be loaded; nothing is left behind then. */
  async start(): Promise<void> {
    try {
      await this.#pool.resize(1);
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  async tokenize(request: Parameters<Preparer['tokenize']>[0], interest: PreparationInterest) {
    return readTokenized(await this.#queue.ask({ operation: { op: 'tokenize', ...request } }, interest));
  }

  async prepareImage(bytes: Uint8Array, interest: PreparationInterest): Promise<PreparedImage> {
    return readPreparedImage(await this.#queue.ask({ operation: { op: 'image' }, blobs: [bytes] }, interest));
  }

  async joinTokens(lists: readonly (readonly string[])[], interest: PreparationInterest) {
    const { json } = await this.#queue.ask({ operation: { op: 'join', lists } }, interest);
    return (json as { readonly texts: readonly string[] }).texts;
  }

  async close(): Promise<void> {
    this.#onClosed();
    await this.#pool.close();
  }
}

function unusable({ tokenizer }: PreparationOrder, why: string): ServingError {
  const what = tokenizer === undefined ? 'what decodes pictures' : 'tokenizer.json';
  return new ServingError('INVALID_ARGUMENT', `${what} cannot be used: ${why}`);
}
