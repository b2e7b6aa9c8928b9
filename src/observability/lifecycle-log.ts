import type { Logger } from 'pino';
import { formatId, type ModelVersionId } from '../core/model.js';
import type { ServingObserver, VersionStateChanged } from '../core/serving-observer.js';

const fieldsOf = ({ name, version }: ModelVersionId) => ({ model: name, version });

/** A line for each version that begins or ceases to serve, or cannot, and for each engine or preparation process that dies; the rest at `debug`. */
export class LifecycleLog implements ServingObserver {
  readonly #logger: Pick<Logger, 'info' | 'warn' | 'debug'>;
  /** Of versions that do not serve yet. */
  readonly #loadMs = new Map<string, number>();

  constructor(logger: Pick<Logger, 'info' | 'warn' | 'debug'>) {
    this.#logger = logger;
  }

  versionLoaded({ id, durationMs }: { id: ModelVersionId; durationMs: number }): void {
    this.#loadMs.set(formatId(id), Math.round(durationMs));
  }

  versionStateChanged({ id, state, reason, isReplaced }: VersionStateChanged): void {
    const name = formatId(id);
    const fields = { ...fieldsOf(id), state };
    const loadMs = this.#loadMs.get(name);
    if (state === 'AVAILABLE' || state === 'END') this.#loadMs.delete(name);
    if (reason !== undefined && state === 'AVAILABLE')
      this.#logger.warn({ ...fields, reason }, `${name}: its new files are not served, those before go on: ${reason}`);
    else if (reason !== undefined) this.#logger.warn({ ...fields, reason }, `${name}: ${reason}`);
    else if (isReplaced === true) this.#logger.info({ ...fields, loadMs }, `${name} serves its new files`);
    else if (state === 'AVAILABLE') this.#logger.info({ ...fields, loadMs }, `${name} serves`);
    else if (state === 'END') this.#logger.info(fields, `${name} no longer serves`);
    else this.#logger.debug(fields, `${name} is ${state}`);
  }

  modelProblemChanged({ name, problem }: { name: string; problem?: string }): void {
    if (problem === undefined) this.#logger.info({ model: name }, `${name}: its folder can be used again`);
    else this.#logger.warn({ model: name, reason: problem }, `${name}: ${problem}`);
  }

  batchingStopped({ id, reason }: { id: ModelVersionId; reason: string }): void {
    this.#logger.warn({ ...fieldsOf(id), reason }, `${formatId(id)} is not batched any more: ${reason}`);
  }

  engineStarted({ id, pid }: { id: ModelVersionId; pid: number }): void {
    this.#logger.debug({ ...fieldsOf(id), enginePid: pid }, `an engine process of ${formatId(id)} started`);
  }

  engineExited(event: { id: ModelVersionId; pid: number; expected: boolean; cause: string }): void {
    const { id, pid, expected, cause } = event;
    const fields = { ...fieldsOf(id), enginePid: pid, cause };
    if (expected) this.#logger.debug(fields, `an engine process of ${formatId(id)} ended`);
    else this.#logger.warn(fields, `an engine process of ${formatId(id)} ended unexpectedly: ${cause}`);
  }

  preparationStarted({ id, pid }: { id: ModelVersionId; pid: number }): void {
    this.#logger.debug({ ...fieldsOf(id), preparationPid: pid }, `a preparation process of ${formatId(id)} started`);
  }

  preparationExited({
    id,
    pid,
    expected,
    cause,
  }: {
    id: ModelVersionId;
    pid: number;
    expected: boolean;
    cause: string;
  }): void {
    const fields = { ...fieldsOf(id), preparationPid: pid, cause };
    if (expected) this.#logger.debug(fields, `a preparation process of ${formatId(id)} ended`);
    else this.#logger.warn(fields, `a preparation process of ${formatId(id)} ended unexpectedly: ${cause}`);
  }
}
