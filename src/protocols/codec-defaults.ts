import type { NonFinite } from '../codecs/json-writer.js';
import { invalidArgument } from '../core/serving-error.js';
import { shownValue } from '../core/short-text.js';
import type { SharedMemoryOptions } from './shared-memory/shared-memory.js';

/** What the server decides of how requests are read and answers written where a request does not. */
export interface CodecDefaults {
  readonly nonFinite: NonFinite;
  /** A longer answer is refused with RESOURCE_EXHAUSTED as soon as it is. */
  readonly largestResponseBytes: number;
  /** Whether requests come over gRPC, too. */
  readonly grpc: boolean;
  /** Absent where the operator did not allow it. */
  readonly sharedMemory?: SharedMemoryOptions | undefined;
}

const nonFinites: readonly unknown[] = ['null', 'token', 'string'] satisfies NonFinite[];

/** How an answer is wished to have NaN and infinities written. Throws INVALID_ARGUMENT where that is no way. */
export function nonFiniteOf(wish: unknown): NonFinite {
  if (nonFinites.includes(wish)) return wish as NonFinite;
  throw invalidArgument(`non_finite: expected "null", "token" or "string", got ${shownValue(wish)}`);
}
