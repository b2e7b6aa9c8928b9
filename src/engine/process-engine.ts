import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Batch, BatchResult, InferenceEngine, InstanceGroup, LoadRequest } from '../core/inference-engine.js';
import { formatId, type ModelVersionId } from '../core/model.js';
import { ServingError } from '../core/serving-error.js';
import type { ServingObserver } from '../core/serving-observer.js';
import { maxFrameBytes, textFrame } from '../processes/frames/frames.js';
import { maxInFlight } from '../processes/host-process.js';
import { describeExit } from '../processes/process-exit.js';
import { type Opened, ProcessFleet } from '../processes/process-fleet.js';
import { residentBytes } from '../processes/process-status.js';
import { InstancePool, type OpenOptions } from '../processes/supervision/instance-pool.js';
import { defaultRestartPolicy, type RestartPolicy } from '../processes/supervision/restart-policy.js';
import { engineEnvironment } from './engine-environment.js';
import { loadFailure } from './engine-message.js';
import { frameKind, type LoadedModel, type LoadOrder } from './frames/engine-frames.js';
import { FrameBuilder } from './frames/tensor-frames.js';
import { makeLocaleDirectory } from './locale-directory.js';
import { probeBatch } from './probe-batch.js';
import { readLoaded, SessionProtocol } from './session-protocol.js';

export interface ProcessEngineOptions {
  readonly observer: ServingObserver;
  /** Whether onnxruntime may report to its makers. */
  readonly telemetry: boolean;
  /** From the start of a process to its model being loaded. */
  readonly loadTimeoutMs: number;
  /** Cores the engine may use; threads of an instance are held to it. Default: those this process may use. */
  readonly cores?: number;
  /** What one run gives is rejected beyond this, before it leaves the engine process. Default: what a frame can hold. */
  readonly largestResponseBytes?: number;
  /** Marks a temporary folder as this process's, so that it is found should the process be killed. */
  readonly claimFolder?: (folder: string) => void;
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

type Loaded = Opened<Batch, BatchResult, FrameBuilder>;

/** The instances of one model version. */
class EngineInstanceGroup extends InstancePool<Batch, BatchResult, FrameBuilder> implements InstanceGroup {
  inputNames: readonly string[] = [];
  outputNames: readonly string[] = [];
}

/** An inference engine over child processes, which may crash, hang or be killed without harm to this one. */
export class ProcessEngine implements InferenceEngine {
  readonly #options: ProcessEngineOptions;
  readonly #cores: number;
  readonly #localeDirectory = makeLocaleDirectory();
  readonly #fleet: ProcessFleet<FrameBuilder>;
  readonly #groups = new Map<EngineInstanceGroup, ModelVersionId>();
  #isClosed = false;

  constructor(options: ProcessEngineOptions) {
    this.#options = options;
    this.#cores = options.cores ?? availableParallelism();
    const { telemetry } = options;
    const localePath = this.#localeDirectory?.path;
    if (localePath !== undefined) options.claimFolder?.(localePath);
    this.#fleet = new ProcessFleet({
      program: enginePath,
      programArguments: options.binding === 'public' ? ['--public-api'] : [],
      env: engineEnvironment({ env: options.env ?? process.env, telemetry, localePath }),
      makeWorkspace: () => new FrameBuilder(maxInFlight),
      ownProcesses: options.ownProcesses ?? 16,
      sharedProcesses: options.sharedProcesses ?? this.#cores,
    });
  }

  async load(request: LoadRequest, signal?: AbortSignal): Promise<InstanceGroup> {
    const group: EngineInstanceGroup = new EngineInstanceGroup({
      name: formatId(request.id),
      spares: request.spares ?? 0,
      yields: request.yields === true,
      policy: this.#options.restartPolicy ?? defaultRestartPolicy,
      probeTimeoutMs: this.#options.loadTimeoutMs,
      probeOf: probeBatch,
      hopeless: (failures, last) =>
        `its engine process failed ${failures} times in a row and is not started again (last: ${last}); replace the model, or load it again`,
      open: (options) => this.#open(request, options, group),
      onClosed: () => this.#groups.delete(group),
    });
    if (signal?.aborted === true || this.#isClosed) throw stopped();
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

  /** What is loaded from now on must not keep this process from what it serves: a fork server starts the processes. */
  startAside(): void {
    this.#fleet.useForkServer();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#groups.keys()].map((group) => group.close()));
    await this.#fleet.close();
    this.#localeDirectory?.remove();
  }

  async #open(request: LoadRequest, options: OpenOptions, group: EngineInstanceGroup): Promise<Loaded> {
    const { id } = request;
    const { observer, loadTimeoutMs: timeoutMs } = this.#options;
    const order: LoadOrder = {
      ...request.files(),
      threads: Math.max(1, Math.min(request.threads, this.#cores)),
      isOptimized: request.isOptimized !== false,
      largestResponseBytes: this.#options.largestResponseBytes ?? maxFrameBytes,
    };
    return this.#fleet.open({
      ...options,
      label: formatId(id),
      memoryLimitBytes: request.memoryLimitBytes,
      mayShare: request.shareable === true,
      timeoutMs,
      chunks: (tenant) => [textFrame(frameKind.load, tenant, JSON.stringify(order))],
      read: (frame) => {
        const model: LoadedModel = readLoaded(frame, order);
        ({ inputNames: group.inputNames, outputNames: group.outputNames } = model);
        return new SessionProtocol(order, model);
      },
      explain: (failure, end) => (options.signal.aborted ? stopped(failure) : loadFailure(failure, timeoutMs, end)),
      onStarted: (pid) => observer.engineStarted?.({ id, pid }),
      onEnded: (pid, { expected, ...exit }) =>
        observer.engineExited?.({ id, pid, expected, cause: expected ? exit.cause : describeExit(exit) }),
    });
  }
}

const stopped = (cause?: Error): ServingError =>
  new ServingError('CANCELED', 'loading the model was stopped', { cause });
