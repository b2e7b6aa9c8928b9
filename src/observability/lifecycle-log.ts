import type { Logger } from 'pino';
import type { ModelVersionId, ModelVersionState } from '../core/model.js';
import type { ServingObserver } from '../core/serving-observer.js';

const fieldsOf = ({ name, version }: ModelVersionId) => ({ model: name, version });

/** A line for everything that happens to versions and engine processes. */
export class LifecycleLog implements ServingObserver {
  readonly #logger: Pick<Logger, 'info' | 'warn' | 'debug'>;

  constructor(logger: Pick<Logger, 'info' | 'warn' | 'debug'>) {
    this.#logger = logger;
  }

  versionStateChanged({ id, state, reason }: { id: ModelVersionId; state: ModelVersionState; reason?: string }): void {
    const fields = { ...fieldsOf(id), state, ...(reason !== undefined && { reason }) };
    if (reason === undefined) this.#logger.info(fields, `model version is ${state}`);
    else this.#logger.warn(fields, `model version is ${state}: ${reason}`);
  }

  modelProblemChanged({ name, problem }: { name: string; problem?: string }): void {
    if (problem === undefined) this.#logger.info({ model: name }, 'model can be used again');
    else this.#logger.warn({ model: name, reason: problem }, `model cannot be used: ${problem}`);
  }

  versionLoaded({ id, durationMs }: { id: ModelVersionId; durationMs: number }): void {
    this.#logger.info({ ...fieldsOf(id), durationMs: Math.round(durationMs) }, 'model version loaded');
  }

  engineStarted({ id, pid }: { id: ModelVersionId; pid: number }): void {
    this.#logger.debug({ ...fieldsOf(id), enginePid: pid }, 'engine process started');
  }

  engineExited(event: { id: ModelVersionId; pid: number; expected: boolean; cause: string }): void {
    const fields = { ...fieldsOf(event.id), enginePid: event.pid, cause: event.cause };
    if (event.expected) this.#logger.debug(fields, 'engine process ended');
    else this.#logger.warn(fields, 'engine process ended unexpectedly');
  }
}
