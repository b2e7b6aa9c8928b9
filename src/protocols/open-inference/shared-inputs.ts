import { ServingError } from '../../core/serving-error.js';
import type { SharedMemory, SharedPart } from '../shared-memory/shared-memory.js';
import type { SharedSpan } from '../shared-memory/shared-object.js';

/** The inputs of one request that lie in shared memory: what they may have there together is limited. */
export class SharedInputs {
  readonly #sharedMemory: SharedMemory;
  #bytes = 0;

  constructor(sharedMemory: SharedMemory) {
    this.#sharedMemory = sharedMemory;
  }

  /** Where the part is that an input's bytes can be read from. */
  locate(part: SharedPart, subject: string): SharedSpan {
    const span = this.#sharedMemory.locate(part, subject);
    const { mostBytes } = this.#sharedMemory;
    this.#bytes += span.bytes;
    if (this.#bytes <= mostBytes) return span;
    throw new ServingError(
      'PAYLOAD_TOO_LARGE',
      `${subject}: the inputs in shared memory are ${this.#bytes} bytes so far, a request may bring ${mostBytes} (bodyLimitBytes)`,
    );
  }
}
