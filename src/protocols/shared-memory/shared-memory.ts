import { invalidArgument, ServingError } from '../../core/serving-error.js';
import { shownValue } from '../../core/short-text.js';
import type { SharedSpan } from './shared-object.js';
import { SharedRegions } from './shared-regions.js';

/** Which part of a region a tensor lies in, as a request says it. */
export interface SharedPart {
  readonly region: string;
  /** From the region's beginning. */
  readonly offset: number;
  readonly bytes: number;
}

/** How the tensors of a request get at shared memory. */
export interface SharedMemory {
  /** So many bytes may the inputs of one request have there together. */
  readonly mostBytes: number;
  /** Throws a ServingError where the part is in no region, or regions are not for this caller. `subject` opens its message. */
  locate(part: SharedPart, subject: string): SharedSpan;
}

/** Plain data: other threads are given it. */
export interface SharedMemoryOptions {
  /** See SharedRegions. */
  readonly folder: string;
  readonly mostBytes: number;
}

/** For callers on this machine. */
export function openSharedMemory({ folder, mostBytes }: SharedMemoryOptions): SharedMemory {
  const regions = new SharedRegions(folder);
  return {
    mostBytes,
    locate: ({ region: name, offset, bytes }, subject) => {
      const region = regions.find(name);
      if (region === undefined) {
        throw invalidArgument(
          `${subject}: Unable to find system shared memory region: ${shownValue(name)}; register it first`,
        );
      }
      if (offset + bytes > region.bytes) {
        throw invalidArgument(
          `${subject}: shared memory region ${shownValue(name)} has ${region.bytes} bytes, bytes ${offset} to ${offset + bytes} of it are meant`,
        );
      }
      return { key: region.key, offset: region.offset + offset, bytes };
    },
  };
}

const closed = (code: 'UNIMPLEMENTED' | 'PERMISSION_DENIED', why: string): SharedMemory => ({
  mostBytes: 0,
  locate: (_part, subject) => {
    throw new ServingError(code, `${subject}: ${why}`);
  },
});

export const howToAllowSharedMemory =
  'this server does not read system shared memory; start it with --shared-memory (SLIPWAY_SHARED_MEMORY=true) to allow it to programs on the same machine, or send tensors in the request, as raw bytes (over HTTP behind the JSON, with Inference-Header-Content-Length) where they are large';

export const noCudaSharedMemory =
  'this server computes on CPUs and does not read CUDA shared memory; send tensors in the request, as raw bytes (over HTTP behind the JSON, with Inference-Header-Content-Length) where they are large';

/** Where the operator did not allow it. */
export const disallowedSharedMemory = closed('UNIMPLEMENTED', howToAllowSharedMemory);

/** For all other callers. */
export const foreignSharedMemory = closed(
  'PERMISSION_DENIED',
  'shared memory is for programs on the same machine that call localhost or an IP address themselves, without a proxy; send the tensor in the request',
);
