import { ProcessFailure } from '../core/process-failure.js';
import { HostProcess } from './host-process.js';
import { Launcher } from './launch/launcher.js';
import { LoadingPriority } from './launch/loading-priority.js';
import { processCommand } from './launch/process-command.js';
import { type Applicant, type PlacementPolicy, placement } from './supervision/placement.js';
import type { TenantEnd } from './tenancy.js';
import { type Computed, type FinalError, Tenant, type TenantProtocol } from './tenant.js';

export interface ProcessFleetOptions<Workspace> extends PlacementPolicy {
  /** The module that the processes run, which calls `runProgram`. */
  readonly program: string;
  /** Behind the label, in the program's arguments. */
  readonly programArguments?: readonly string[];
  /** The whole environment of the processes. */
  readonly env: Readonly<Record<string, string>>;
  /** What the kind keeps for each process. */
  readonly makeWorkspace: () => Workspace;
}

/** Something to be loaded in a process. */
export interface Opening<Request, Result extends Computed, Workspace> extends Applicant {
  /** What the list of processes shows. */
  readonly label: string;
  /** Bytes of heap and anonymous mappings, held by the operating system; not kept in a shared process. */
  readonly memoryLimitBytes?: number | undefined;
  /** At a lower priority: others serve meanwhile. */
  readonly yields: boolean;
  /** The frame that asks the process to load it. */
  readonly chunks: (tenant: number) => readonly Uint8Array[];
  /** From the start of the process to the answer. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** What `open` is to reject with where the process ended meanwhile. */
  readonly explain: (failure: ProcessFailure, end: TenantEnd | undefined) => Error;
  /** What it can be asked, by the answer to that frame. May throw why it cannot be loaded. */
  readonly read: (frame: Uint8Array) => TenantProtocol<Request, Result, Workspace>;
  /** Hears of the process, once, as soon as it was started: 0 when it could not be. */
  readonly onStarted?: (pid: number) => void;
  readonly onResponse: () => void;
  readonly onFinal: (error: FinalError) => void;
  /** Called once, also when it could not be loaded, and after `onStarted`. */
  readonly onEnded?: (pid: number, end: TenantEnd) => void;
}

export interface Opened<Request, Result extends Computed, Workspace = unknown> {
  readonly tenant: Tenant<Request, Result, Workspace>;
  readonly ended: Promise<TenantEnd>;
}

/** Helper threads would only compete with the work; such a process has nothing else to do. */
const nodeFlags = ['--v8-pool-size=0', '--no-warnings'] as const;

/** Processes that run one program, which may crash, hang or be killed without harm to this one. */
export class ProcessFleet<Workspace = undefined> {
  readonly #options: ProcessFleetOptions<Workspace>;
  readonly #launcher: Launcher;
  readonly #priority: LoadingPriority;
  readonly #own = new Set<HostProcess<Workspace>>();
  readonly #shared = new Set<HostProcess<Workspace>>();

  constructor(options: ProcessFleetOptions<Workspace>) {
    this.#options = options;
    this.#launcher = new Launcher(options.env);
    this.#priority = new LoadingPriority(this.#launcher);
  }

  /** Loads something in the process that it belongs in. Rejects with what `read` throws or `explain` says. */
  async open<Request, Result extends Computed>(
    opening: Opening<Request, Result, Workspace>,
  ): Promise<Opened<Request, Result, Workspace>> {
    const host = this.#hostFor(opening);
    const isLowered = opening.yields && host.tenantCount === 0;
    let end: TenantEnd | undefined;
    let onEnded: (end: TenantEnd) => void = () => {};
    const ended = new Promise<TenantEnd>((resolve) => {
      onEnded = (how) => {
        end = how;
        resolve(how);
      };
    });
    const started = host.started.then(async (pid) => {
      opening.onStarted?.(pid);
      if (isLowered) await this.#priority.lower(pid);
      return pid;
    });
    void Promise.all([started, ended]).then(([pid, how]) => opening.onEnded?.(pid, how));
    try {
      const { chunks, timeoutMs, signal, onResponse, onFinal } = opening;
      const read = (frame: Uint8Array, number: number): Tenant<Request, Result, Workspace> =>
        new Tenant(host, number, opening.read(frame), onFinal);
      return { tenant: await host.addTenant({ chunks, timeoutMs, signal, read, onResponse, onEnded }), ended };
    } catch (error) {
      throw error instanceof ProcessFailure ? opening.explain(error, end) : error;
    } finally {
      if (isLowered) this.#priority.restore(await started);
    }
  }

  /** What is opened from now on must not keep this process from what it serves: a fork server starts the processes. */
  useForkServer(): void {
    this.#launcher.useForkServer();
  }

  /** Nothing is to be opened any more; what the fork server had started and still runs is killed. */
  close(): Promise<void> {
    return this.#launcher.close();
  }

  #hostFor(
    opening: Applicant & Pick<Opening<never, never, Workspace>, 'label' | 'memoryLimitBytes'>,
  ): HostProcess<Workspace> {
    const place = placement(this.#options, opening, { own: this.#own.size, shared: this.#shared });
    if (place === 'own') return this.#start(this.#own, opening.label, opening.memoryLimitBytes);
    return place === 'new shared' ? this.#start(this.#shared, 'shared') : place;
  }

  #start(hosts: Set<HostProcess<Workspace>>, label: string, memoryLimitBytes?: number): HostProcess<Workspace> {
    const { program, programArguments = [], makeWorkspace } = this.#options;
    const command = processCommand({
      command: [process.execPath, ...nodeFlags, program, label, ...programArguments],
      memoryLimitBytes,
    });
    const host = new HostProcess(this.#launcher.launch(command), makeWorkspace());
    hosts.add(host);
    void host.ended.then(() => hosts.delete(host));
    return host;
  }
}
