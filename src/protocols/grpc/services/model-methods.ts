import type { ServableDescription } from '../../../core/model.js';
import { selectorOf } from '../../http/model-selector.js';
import { modelConfig } from '../../open-inference/model-config.js';
import { modelMetadata } from '../../open-inference/model-metadata.js';
import { modelReady, tritonWords } from '../../open-inference/model-ready.js';
import { modelStatistics } from '../../open-inference/model-statistics.js';
import { type GrpcContext, type GrpcMethod, unaryMethod } from '../grpc-method.js';
import { GRPCInferenceService } from '../schema/open_inference_pb.js';

interface ModelRequest {
  readonly name: string;
  /** Empty: the server's choice. */
  readonly version: string;
}

const { method } = GRPCInferenceService;
const words = tritonWords;

const selector = ({ name, version }: ModelRequest) => selectorOf(version === '' ? { name } : { name, version });
const purpose = ({ name }: ModelRequest) => ({ action: 'read', model: name || undefined });

/** Everything about one model but inference. */
export function modelMethods(context: GrpcContext): GrpcMethod[] {
  const { service } = context;
  const about = { context, words, scope: 'read', purpose } as const;
  const described = (request: ModelRequest, write: (description: ServableDescription) => object): object => {
    using servable = service.acquire(selector(request));
    return write(servable.description);
  };
  return [
    unaryMethod({ ...about, method: method.modelReady, respond: (request) => modelReady(service, selector(request)) }),
    unaryMethod({
      ...about,
      method: method.modelMetadata,
      respond: (request) => described(request, modelMetadata),
    }),
    unaryMethod({
      ...about,
      method: method.modelConfig,
      respond: (request) => ({ config: described(request, modelConfig) }),
    }),
    unaryMethod({
      ...about,
      method: method.modelStatistics,
      respond: async (request, _call, principal) => {
        const statistics = await service.statistics(request.name === '' ? undefined : selector(request));
        return modelStatistics(statistics.filter(({ id }) => principal.mayUse(id.name)));
      },
    }),
  ];
}
