import type { LoadRequest } from '../../core/inference-engine.js';
import type { EngineProcess } from '../engine-process.js';

export interface ProcessPlacementOptions {
  /** Starts a process; for the request alone, or shared when there is none. */
  readonly startProcess: (request?: LoadRequest) => EngineProcess;
  /** Shareable models have processes of their own until there are this many. */
  readonly ownProcesses: number;
  /** The shareable models beyond those are spread over this many. */
  readonly sharedProcesses: number;
}

/** Decides which engine process a model is loaded in. */
export class ProcessPlacement {
  readonly #options: ProcessPlacementOptions;
  readonly #own = new Set<EngineProcess>();
  readonly #shared = new Set<EngineProcess>();

  constructor(options: ProcessPlacementOptions) {
    this.#options = options;
  }

  /** `alone` for a model that has ended a process: isolation is for those that need it. */
  processFor(request: LoadRequest, { alone }: { readonly alone: boolean }): EngineProcess {
    const mayShare = request.shareable === true && !alone && this.#own.size >= this.#options.ownProcesses;
    return mayShare ? this.#sharedProcess() : this.#track(this.#own, this.#options.startProcess(request));
  }

  #sharedProcess(): EngineProcess {
    const open = [...this.#shared].filter((process) => process.isOpen);
    if (open.length < this.#options.sharedProcesses) return this.#track(this.#shared, this.#options.startProcess());
    return open.reduce((least, process) => (process.sessionCount < least.sessionCount ? process : least));
  }

  #track(processes: Set<EngineProcess>, process: EngineProcess): EngineProcess {
    processes.add(process);
    void process.ended.then(() => processes.delete(process));
    return process;
  }
}
