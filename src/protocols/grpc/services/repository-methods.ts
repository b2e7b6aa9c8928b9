import { modelsFor } from '../../../core/access.js';
import { invalidArgument } from '../../../core/serving-error.js';
import { tritonWords } from '../../open-inference/model-ready.js';
import { RepositoryControl, type WarningLog } from '../../open-inference/repository-control.js';
import { repositoryIndex } from '../../open-inference/repository-index.js';
import { type GrpcContext, type GrpcMethod, unaryMethod } from '../grpc-method.js';
import { GRPCInferenceService, type ModelRepositoryParameter } from '../schema/open_inference_pb.js';

export interface RepositoryMethodsOptions {
  readonly context: GrpcContext;
  readonly logger: WarningLog;
  /** Whether model files may come with a request to load. */
  readonly modelUploads: boolean;
}

const { method } = GRPCInferenceService;
const words = tritonWords;

/** What concerns all models, and loading and unloading one. */
export function repositoryMethods({ context, logger, modelUploads }: RepositoryMethodsOptions): GrpcMethod[] {
  const { service } = context;
  const control = new RepositoryControl({ service, logger, takesFiles: modelUploads, readFile: fileContent });
  return [
    unaryMethod({
      method: method.repositoryIndex,
      context,
      scope: 'read',
      purpose: () => ({ action: 'read' }),
      respond: async ({ ready }, _call, principal) => ({
        models: repositoryIndex(modelsFor(principal, await service.models()), ready),
      }),
    }),
    unaryMethod({
      method: method.repositoryModelLoad,
      context,
      words,
      scope: 'control',
      purpose: ({ modelName }) => ({ action: 'load', model: modelName }),
      respond: async ({ modelName, parameters }) => {
        await control.load(modelName, parametersOf(parameters));
        return {};
      },
    }),
    unaryMethod({
      method: method.repositoryModelUnload,
      context,
      words,
      scope: 'control',
      purpose: ({ modelName }) => ({ action: 'unload', model: modelName }),
      respond: async ({ modelName, parameters }) => {
        await control.unload(modelName, parametersOf(parameters));
        return {};
      },
    }),
  ];
}

const parametersOf = (parameters: Readonly<Record<string, ModelRepositoryParameter>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(parameters).map(([name, { parameterChoice }]) => [name, parameterChoice.value]));

function fileContent(content: unknown, subject: string): Uint8Array {
  if (content instanceof Uint8Array) return content;
  throw invalidArgument(`${subject}: expected the file's content in bytes_param`);
}
