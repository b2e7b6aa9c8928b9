import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { InferenceEngine, InstanceGroup, LoadRequest } from '../core/inference-engine.js';
import { formatId, type ModelVersionId } from '../core/model.js';
import { ServingError } from '../core/serving-error.js';
import type { ServingObserver } from '../core/serving-observer.js';
import { EngineChild } from './engine-child.js';
import { EngineProcess, type SessionEnd } from './engine-process.js';
import { engineCommand } from './launch/engine-command.js';
import { engineEnvironment } from './launch/engine-environment.js';
import { Launcher } from './launch/launcher.js';
import { makeLocaleDirectory } from './launch/locale-directory.js';
import { LoaderPriority } from './launch/process-priority.js';
import { describeExit } from './process-exit.js';
import { residentBytes } from './process-memory.js';
import { EngineInstanceGroup, type OpenOptions } from './supervision/engine-instance-group.js';
import { ProcessPlacement } from './supervision/process-placement.js';
import { defaultRestartPolicy, type RestartPolicy } from './supervision/restart-policy.js';
import type { OpenedSession } from './supervision/supervised-instance.js';

export interface ProcessEngineOptions {
  readonly observer: ServingObserver;
  /** Whether onnxruntime may report to its makers. */
  readonly telemetry: boolean;
  /** From the start of a process to its model being loaded. */
  readonly loadTimeoutMs: number;
  /** Cores the engine may use; threads of an instance are held to it. Default: those this process may use. */
  readonly cores?: number;
  readonly restartPolicy?: RestartPolicy;
  /** Shareable models have processes of their own until there are this many. Default 16. */
  readonly ownProcesses?: number;
  /** The shareable models beyond those are spread over this many. Default: one for each core. */
  readonly sharedProcesses?: number;
  /** `public` does without onnxruntime-node's faster inner interface. */
  readonly binding?: 'auto' | 'public';
  /** The environment that the engine's few variables are taken from. Default: this process's. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

const enginePath = fileURLToPath(new URL('./process/engine-main.js', import.meta.url));

/** Helper threads would only compete with the run; the engine process has nothing else to do. */
const nodeFlags = ['--v8-pool-size=0', '--no-warnings'] as const;

/** An inference engine over child processes, which may crash, hang or be killed without harm to this one. */
export class ProcessEngine implements InferenceEngine {
  readonly #options: ProcessEngineOptions;
  readonly #cores: number;
  readonly #localeDirectory = makeLocaleDirectory();
  readonly #launcher: Launcher;
  readonly #priority: LoaderPriority;
  readonly #placement: ProcessPlacement;
  readonly #groups = new Map<EngineInstanceGroup, ModelVersionId>();
  #isClosed = false;

  constructor(options: ProcessEngineOptions) {
    this.#options = options;
    this.#cores = options.cores ?? availableParallelism();
    const { telemetry } = options;
    this.#launcher = new Launcher(
      engineEnvironment({ env: options.env ?? process.env, telemetry, localePath: this.#localeDirectory?.path }),
    );
    this.#priority = new LoaderPriority(this.#launcher);
    this.#placement = new ProcessPlacement({
      startProcess: (request) => this.#startProcess(request),
      ownProcesses: options.ownProcesses ?? 16,
      sharedProcesses: options.sharedProcesses ?? this.#cores,
    });
  }

  async load(request: LoadRequest, signal?: AbortSignal): Promise<InstanceGroup> {
    const group: EngineInstanceGroup = new EngineInstanceGroup({
      id: request.id,
      spares: request.spares ?? 0,
      yields: request.yields === true,
      policy: this.#options.restartPolicy ?? defaultRestartPolicy,
      probeTimeoutMs: this.#options.loadTimeoutMs,
      open: (options) => this.#open(request, options),
      onClosed: () => this.#groups.delete(group),
    });
    if (signal?.aborted === true || this.#isClosed) throw new ServingError('CANCELED', 'loading the model was stopped');
    const stop = (): void => void group.close();
    signal?.addEventListener('abort', stop, { once: true });
    this.#groups.set(group, request.id);
    try {
      await group.resize(request.instances);
      return group;
    } catch (error) {
      await group.close();
      throw error;
    } finally {
      signal?.removeEventListener('abort', stop);
    }
  }

  /** Engine processes that run now, one entry a loaded session; a shared process's memory is divided among its sessions. */
  *processes(): Iterable<{ readonly id: ModelVersionId; readonly pid: number; readonly residentBytes: number }> {
    const sessions = [...this.#groups].flatMap(([{ pids }, id]) => pids.map((pid) => ({ id, pid })));
    const sharers = new Map<number, number>();
    for (const { pid } of sessions) sharers.set(pid, (sharers.get(pid) ?? 0) + 1);
    for (const { id, pid } of sessions) {
      yield { id, pid, residentBytes: Math.round((residentBytes(pid) ?? 0) / (sharers.get(pid) ?? 1)) };
    }
  }

  /** What is loaded from now on must not keep this process from what it serves: others start the processes. */
  startAside(): void {
    this.#launcher.useStarter();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#groups.keys()].map((group) => group.close()));
    await this.#launcher.close();
    this.#localeDirectory?.remove();
  }

  async #open(request: LoadRequest, options: OpenOptions): Promise<OpenedSession> {
    const { id } = request;
    const { observer, loadTimeoutMs } = this.#options;
    const process = this.#placement.processFor(request, options);
    const isLowered = options.yields && process.sessionCount === 0;
    let resolveEnded: (end: SessionEnd) => void = () => {};
    const ended = new Promise<SessionEnd>((resolve) => {
      resolveEnded = resolve;
    });
    const started = process.started.then(async (pid) => {
      observer.engineStarted?.({ id, pid });
      if (isLowered) await this.#priority.lower(pid);
      return pid;
    });
    void Promise.all([started, ended]).then(([pid, { expected, ...exit }]) =>
      observer.engineExited?.({ id, pid, expected, cause: expected ? exit.cause : describeExit(exit) }),
    );
    const threads = Math.max(1, Math.min(request.threads, this.#cores));
    try {
      const { signal, onAnswered } = options;
      const tenant = { timeoutMs: loadTimeoutMs, signal, onAnswered, onEnded: resolveEnded };
      return { session: await process.load({ ...request.files(), threads }, tenant), ended };
    } finally {
      if (isLowered) this.#priority.restore(await started);
    }
  }

  #startProcess(request?: LoadRequest): EngineProcess {
    const label = request === undefined ? 'shared' : formatId(request.id);
    const flags = this.#options.binding === 'public' ? ['--public-api'] : [];
    const command = engineCommand({
      command: [process.execPath, ...nodeFlags, enginePath, label, ...flags],
      memoryLimitBytes: request?.memoryLimitBytes,
    });
    const launch = this.#launcher.launch(command);
    return new EngineProcess((handlers) => new EngineChild({ launch, ...handlers }));
  }
}
