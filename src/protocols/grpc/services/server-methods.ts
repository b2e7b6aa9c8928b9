import { ServingError } from '../../../core/serving-error.js';
import { tritonWords } from '../../open-inference/model-ready.js';
import { serverMetadata } from '../../open-inference/server-metadata.js';
import { fixedSettings, logSettings, traceSettings } from '../../open-inference/server-settings.js';
import { type CallPurpose, type GrpcContext, type GrpcMethod, unaryMethod } from '../grpc-method.js';
import { GRPCInferenceService } from '../schema/open_inference_pb.js';

export interface ServerMethodsOptions {
  readonly context: GrpcContext;
  /** Of this program. */
  readonly version: string;
  readonly allowsSharedMemory: boolean;
}

const { method } = GRPCInferenceService;
const words = tritonWords;

/** What concerns the server as a whole. */
export function serverMethods({ context, version, allowsSharedMemory }: ServerMethodsOptions): GrpcMethod[] {
  const { service, check } = context;
  const live = unaryMethod({
    method: method.serverLive,
    context,
    scope: 'open',
    purpose: () => ({ action: 'health' }),
    respond: () => ({ live: true }),
  });
  const ready = unaryMethod({
    method: method.serverReady,
    context,
    scope: 'open',
    purpose: () => ({ action: 'health' }),
    respond: async () => ({ ready: await service.ready }),
  });
  const metadata = unaryMethod({
    method: method.serverMetadata,
    context,
    scope: 'read',
    purpose: () => ({ action: 'read' }),
    respond: async (_request, call) => {
      // What is not for everybody is announced to those who may use it.
      const may = async (purpose: CallPurpose) => !((await check(call, purpose)) instanceof ServingError);
      const mayControl = await may({ scope: 'control', action: 'load' });
      const mayShareMemory = allowsSharedMemory && (await may({ scope: 'local', action: 'register' }));
      return serverMetadata(version, { mayControl, mayShareMemory });
    },
  });
  const trace = unaryMethod({
    method: method.traceSetting,
    context,
    words,
    scope: 'read',
    purpose: ({ settings, modelName }) => ({ ...settingsPurpose(settings), model: modelName || undefined }),
    respond: async ({ settings, modelName }) => {
      if (Object.keys(settings).length > 0) throw fixedSettings('Trace settings');
      if (modelName !== '') await service.status({ name: modelName });
      return { settings: settingsOf(traceSettings, (value) => ({ value: [value].flat() })) };
    },
  });
  const log = unaryMethod({
    method: method.logSettings,
    context,
    scope: 'read',
    purpose: ({ settings }) => settingsPurpose(settings),
    respond: ({ settings }) => {
      if (Object.keys(settings).length > 0) throw fixedSettings('Log settings');
      return { settings: settingsOf(logSettings, (value) => ({ [`${parameterTypes[typeof value]}_param`]: value })) };
    },
  });
  return [live, ready, metadata, trace, log];
}

/** Triton's settings can be read, and are this server's own to set. */
const settingsPurpose = (settings: object): CallPurpose =>
  Object.keys(settings).length > 0 ? { scope: 'control', action: 'set' } : { scope: 'read', action: 'read' };

const settingsOf = (settings: object, write: (value: unknown) => object): object =>
  Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, write(value)]));

const parameterTypes: Readonly<Record<string, string>> = { boolean: 'bool', number: 'uint32', string: 'string' };
