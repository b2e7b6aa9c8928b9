import type { FastifyInstance } from 'fastify';
import { parseJson, plainValue, requireObject } from '../../codecs/json-document.js';
import { invalidArgument, ServingError } from '../../core/serving-error.js';
import { shownValue } from '../../core/short-text.js';
import { object, reference, text } from '../http/json-schema.js';
import { needs } from '../http/route-access.js';
import { failures } from '../http/route-schemas.js';
import { own, type Parameters } from '../open-inference/parameters.js';
import { shareMemory } from '../shared-memory/local-callers.js';
import {
  howToAllowSharedMemory,
  noCudaSharedMemory,
  type SharedMemoryOptions,
} from '../shared-memory/shared-memory.js';
import { type SharedRegion, SharedRegions } from '../shared-memory/shared-regions.js';

/** Regions of one kind, as the routes need them. */
interface Regions {
  list(): readonly SharedRegion[];
  find(name: string): SharedRegion | undefined;
  register(name: string, body: Buffer): void;
  unregister(name?: string): void;
}

/**
 * Triton's shared memory extension; `options` are absent where the operator did not allow it. What cannot be registered is
 * as clients have to find it then: empty.
 */
export function addSharedMemoryRoutes(app: FastifyInstance, options: SharedMemoryOptions | undefined): void {
  if (options === undefined) addRoutes(app, 'system', noRegions(howToAllowSharedMemory), forOperators);
  else {
    const forPrograms = (verb: string) => {
      const { scope, action, onlyLocal } = shareMemory(`${verb} shared memory`);
      return needs(scope, action, onlyLocal);
    };
    addRoutes(app, 'system', systemRegions(options), { change: forPrograms, show: forPrograms('show') });
  }
  addRoutes(app, 'cuda', noRegions(noCudaSharedMemory), forOperators);
}

type Needed = ReturnType<typeof needs>;

/** Who may see regions, and change them. */
interface Callers {
  readonly change: (action: string) => Needed;
  readonly show: Needed;
}

const forOperators: Callers = { change: (action) => needs('control', action), show: needs('read') };

const noRegions = (why: string): Regions => ({
  list: () => [],
  find: () => undefined,
  register: () => {
    throw new ServingError('UNIMPLEMENTED', why);
  },
  unregister: () => undefined,
});

function systemRegions({ folder }: SharedMemoryOptions): Regions {
  const regions = new SharedRegions(folder);
  return {
    list: () => regions.list(),
    find: (name) => regions.find(name),
    register: (name, body) => regions.register({ name, ...readRegion(body) }),
    unregister: (name) => regions.unregister(name),
  };
}

function readRegion(body: Buffer): Omit<SharedRegion, 'name'> {
  if (body.length === 0) throw invalidArgument('the body is empty; send {"key": "/name", "byte_size": N, "offset": 0}');
  const document = parseJson(body);
  const fields = plainValue(document, requireObject(document.root, 'the body')) as Parameters;
  const { key } = fields;
  if (typeof key !== 'string') throw invalidArgument(`key: expected a string, got ${shownValue(key)}`);
  return { key, bytes: byteCount(fields, 'byte_size'), offset: byteCount(fields, 'offset', 0) };
}

function byteCount(fields: Parameters, name: string, usual?: number): number {
  const value = own(fields, name) ?? usual;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw invalidArgument(`${name}: expected a whole number of bytes, got ${shownValue(value)}`);
}

const described = ({ name, key, offset, bytes }: SharedRegion) => ({ name, key, offset, byte_size: bytes });

function addRoutes(app: FastifyInstance, kind: 'system' | 'cuda', regions: Regions, { change, show }: Callers): void {
  const describe = (operation: string, summary: string) => ({ tags: ['v2'], operationId: kind + operation, summary });
  const params = object({ region: text({ description: 'Name of a region.' }) });
  const nameOf = (request: { params: unknown }): string => (request.params as { region: string }).region;
  const base = `/${kind}sharedmemory`;
  const listed = { 200: { ...reference('SharedMemoryRegions'), description: 'By name.' } };
  const statusSchema = {
    ...describe('SharedMemoryStatus', 'Regions that are registered'),
    response: { ...listed, ...failures('PERMISSION_DENIED') },
  };
  app.get(`${base}/status`, { schema: statusSchema, ...show }, () => regions.list().map(described));
  const regionSchema = {
    ...describe('SharedMemoryRegionStatus', 'One registered region'),
    params,
    response: { ...listed, ...failures('PERMISSION_DENIED', 'NOT_FOUND') },
  };
  app.get(`${base}/region/:region/status`, { schema: regionSchema, ...show }, (request) => {
    const found = regions.find(nameOf(request));
    if (found !== undefined) return [described(found)];
    const name = nameOf(request).slice(0, 100);
    throw new ServingError('NOT_FOUND', `Unable to find ${kind} shared memory region: '${name}'`);
  });
  const unregister = {
    ...describe('SharedMemoryUnregister', 'Forget all regions'),
    response: {
      200: { type: 'null', description: 'None is registered any more.' },
      ...failures('PERMISSION_DENIED'),
    },
  };
  app.post(`${base}/unregister`, { schema: unregister, ...change('unregister') }, (_request, reply) => {
    regions.unregister();
    return reply.send();
  });
  const unregisterOne = { ...unregister, ...describe('SharedMemoryUnregisterRegion', 'Forget a region'), params };
  app.post(
    `${base}/region/:region/unregister`,
    { schema: unregisterOne, ...change('unregister') },
    (request, reply) => {
      regions.unregister(nameOf(request));
      return reply.send();
    },
  );
  const register = {
    ...describe('SharedMemoryRegister', kind === 'system' ? 'Register a region' : 'Not done by this server'),
    params,
    ...(kind === 'system' && { body: reference('SharedMemoryRegion') }),
    response: {
      ...(kind === 'system' && { 200: { type: 'null', description: 'Requests may name it from now on.' } }),
      ...failures('INVALID_ARGUMENT', 'PERMISSION_DENIED', 'CONFLICT', 'UNIMPLEMENTED'),
    },
  };
  app.post(`${base}/region/:region/register`, { schema: register, ...change('register') }, (request, reply) => {
    regions.register(nameOf(request), (request.body as Buffer | undefined) ?? Buffer.alloc(0));
    return reply.send();
  });
}
