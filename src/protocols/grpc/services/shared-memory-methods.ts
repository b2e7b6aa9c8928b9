import { invalidArgument, ServingError } from '../../../core/serving-error.js';
import {
  howToAllowSharedMemory,
  noCudaSharedMemory,
  type SharedMemoryOptions,
} from '../../shared-memory/shared-memory.js';
import { type SharedRegion, SharedRegions } from '../../shared-memory/shared-regions.js';
import { type GrpcContext, type GrpcMethod, type NeededScope, unaryMethod } from '../grpc-method.js';
import { GRPCInferenceService } from '../schema/open_inference_pb.js';

export interface SharedMemoryMethodsOptions {
  readonly context: GrpcContext;
  /** Absent where the operator did not allow it. */
  readonly sharedMemory?: SharedMemoryOptions | undefined;
}

const { method } = GRPCInferenceService;

/** Triton's shared memory extension. What cannot be registered is as clients have to find it then: empty. */
export function sharedMemoryMethods({ context, sharedMemory }: SharedMemoryMethodsOptions): GrpcMethod[] {
  const regions = sharedMemory && new SharedRegions(sharedMemory.folder);
  const needs = (scope: NeededScope, action: string) => ({ scope, purpose: () => ({ action }) });
  const controls = (action: string) =>
    regions === undefined ? needs('control', action) : needs('local', `${action} shared memory`);
  return [
    unaryMethod({
      method: method.systemSharedMemoryStatus,
      context,
      ...(regions === undefined ? needs('read', 'read') : needs('local', 'show shared memory')),
      respond: ({ name }) => ({ regions: shown('system', name, regions) }),
    }),
    unaryMethod({
      method: method.systemSharedMemoryRegister,
      context,
      ...controls('register'),
      respond: ({ name, key, offset, byteSize }) => {
        if (regions === undefined) throw new ServingError('UNIMPLEMENTED', howToAllowSharedMemory);
        regions.register({ name, key, offset: count(offset, 'offset'), bytes: count(byteSize, 'byte_size') });
        return {};
      },
    }),
    unaryMethod({
      method: method.systemSharedMemoryUnregister,
      context,
      ...controls('unregister'),
      respond: ({ name }) => {
        regions?.unregister(name === '' ? undefined : name);
        return {};
      },
    }),
    unaryMethod({
      method: method.cudaSharedMemoryStatus,
      context,
      ...needs('read', 'read'),
      respond: ({ name }) => ({ regions: shown('cuda', name) }),
    }),
    unaryMethod({
      method: method.cudaSharedMemoryRegister,
      context,
      ...needs('control', 'register'),
      respond: () => {
        throw new ServingError('UNIMPLEMENTED', noCudaSharedMemory);
      },
    }),
    unaryMethod({
      method: method.cudaSharedMemoryUnregister,
      context,
      ...needs('control', 'unregister'),
      respond: () => ({}),
    }),
  ];
}

/** One region, or all of them where no name is given. */
function shown(kind: 'system' | 'cuda', name: string, regions?: SharedRegions): object {
  if (name === '') return Object.fromEntries((regions?.list() ?? []).map((region) => [region.name, described(region)]));
  const found = regions?.find(name);
  if (found !== undefined) return { [name]: described(found) };
  throw new ServingError('NOT_FOUND', `Unable to find ${kind} shared memory region: '${name.slice(0, 100)}'`);
}

const described = ({ name, key, offset, bytes }: SharedRegion): object => ({ name, key, offset, byte_size: bytes });

function count(value: bigint, name: string): number {
  if (value <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(value);
  throw invalidArgument(`${name}: expected a whole number of bytes, got ${value}`);
}
