import type { DescMethod } from '@bufbuild/protobuf';
import { type Access, type AccessCall, anyone, type Verdict } from '../access/access.js';
import type { CallTracer } from '../core/call-trace.js';
import type { InferenceCodec } from '../inference/inference-codec.js';
import { InferenceMethod } from '../inference/inference-method.js';
import { type LoadReporter, type LoadReportPolicy, RequestIds } from './call-headers.js';
import type { ArrivedCall } from './grpc/arrived-call.js';
import { ArrivingCalls } from './grpc/arriving-calls.js';
import { type CallPurpose, type GrpcContext, type GrpcMethod, pathOf } from './grpc/grpc-method.js';
import { grpcServer } from './grpc/grpc-server.js';
import { grpcStatus } from './grpc/grpc-status.js';
import { type GrpcMessage, type GrpcResponse, inferCodec } from './grpc/infer/infer-codec.js';
import { readModelName } from './grpc/infer/infer-message.js';
import { inferMethod } from './grpc/infer/infer-method.js';
import { InferStreams } from './grpc/infer/infer-stream.js';
import { Inferences } from './grpc/infer/inferences.js';
import { LoadReportTrailers } from './grpc/load-report-trailers.js';
import { Health } from './grpc/schema/health_pb.js';
import { GRPCInferenceService } from './grpc/schema/open_inference_pb.js';
import { ModelService, PredictionService } from './grpc/schema/tensorflow_serving_pb.js';
import { HealthService } from './grpc/services/health.js';
import { modelMethods } from './grpc/services/model-methods.js';
import { reflectionMethods, reflectionServices } from './grpc/services/reflection.js';
import { repositoryMethods } from './grpc/services/repository-methods.js';
import { serverMethods } from './grpc/services/server-methods.js';
import { sharedMemoryMethods } from './grpc/services/shared-memory-methods.js';
import { StalledCallers } from './grpc/stalled-callers.js';
import { tensorFlowModelMethods } from './grpc/tensorflow/model-methods.js';
import { readModelSpec } from './grpc/tensorflow/model-spec.js';
import { predictCodec } from './grpc/tensorflow/predict-codec.js';
import { classifyCodec, regressCodec } from './grpc/tensorflow/task-codecs.js';
import { selectorOf } from './http/model-selector.js';
import { usualStallTimeoutMs } from './http/stalled-callers.js';
import { tritonWords } from './open-inference/model-ready.js';
import type { WarningLog } from './open-inference/repository-control.js';
import type { ProtocolServer } from './protocol-server.js';
import { isLocalCall, shareMemory } from './shared-memory/local-callers.js';
import type { SharedTools } from './shared-tools.js';

export interface GrpcConfig {
  readonly bodyLimitBytes: number;
  readonly keepAliveTimeoutMs: number;
  /** Metadata that tells callers apart. */
  readonly callerHeader?: string;
  /** Whether model files may come with a request to load. */
  readonly modelUploads: boolean;
  /** When inference calls are told how busy the server is. Default: never. */
  readonly endpointLoadMetrics?: LoadReportPolicy;
}

export interface GrpcProtocolOptions extends SharedTools {
  readonly config: GrpcConfig;
  readonly logger: WarningLog & { error(details: object, message: string): void };
  /** Of this program. */
  readonly version: string;
  readonly loadReporter?: LoadReporter;
  readonly host: string;
  readonly port: number;
  /** Connections that this process may hold where it accepts them itself. */
  readonly connectionLimit: number;
  readonly warn: (message: string) => void;
  readonly stallTimeoutMs?: number;
  /** Given where calls are traced. */
  readonly tracer?: CallTracer | undefined;
}

/** As observers know it. */
const protocol = { name: 'grpc', statuses: grpcStatus };

/** gRPC, as the Service starts, drains and stops it. */
export function grpcProtocol(options: GrpcProtocolOptions): ProtocolServer {
  const { config, tools, codecs, access, logger, version, stallTimeoutMs = usualStallTimeoutMs } = options;
  const { sharedMemory } = codecs;
  const { endpointLoadMetrics = 'off' } = config;
  const context: GrpcContext = {
    ...tools,
    logger,
    ids: new RequestIds(),
    tracer: options.tracer,
    loadReport: options.loadReporter && new LoadReportTrailers(options.loadReporter, endpointLoadMetrics),
    ...accessChecks(access),
  };
  const stalls = new StalledCallers(stallTimeoutMs);
  const callerHeader = config.callerHeader?.toLowerCase();
  const inferences = new Inferences({
    context,
    callerHeader,
    method: new InferenceMethod({ tools, protocol: { ...protocol, words: tritonWords }, codec: inferCodec(codecs) }),
    readModel: (body) => {
      const { name, version: text } = readModelName(body);
      return selectorOf(text === '' ? { name } : { name, version: text });
    },
    isLocal:
      sharedMemory && (({ headers, peerAddress }) => isLocalCall({ headers, peer: { peerAddress, httpVersion } })),
  });
  const { modelInfer, modelStreamInfer } = GRPCInferenceService.method;
  const { predict, classify, regress } = PredictionService.method;
  const tensorFlow = (method: DescMethod, codec: InferenceCodec<GrpcMessage, GrpcResponse>): GrpcMethod =>
    inferMethod({
      path: pathOf(method),
      context,
      stalls,
      inferences: new Inferences({
        context,
        callerHeader,
        method: new InferenceMethod({ tools, protocol, codec }),
        readModel: readModelSpec,
      }),
    });
  const shared = { context, inferences, stalls };
  const inferStreams = new InferStreams({ ...shared, path: pathOf(modelStreamInfer) });
  const services = [GRPCInferenceService, PredictionService, ModelService];
  const health = new HealthService({ context, services: services.map(({ typeName }) => typeName) });
  const reflection = reflectionMethods([...services, Health, ...reflectionServices], context);
  const openStreams = [inferStreams, health, reflection.streams];
  const methods = [
    inferMethod({ ...shared, path: pathOf(modelInfer) }),
    inferStreams.method,
    ...serverMethods({ context, version, allowsSharedMemory: sharedMemory !== undefined }),
    ...modelMethods(context),
    ...repositoryMethods({ context, logger, modelUploads: config.modelUploads }),
    ...sharedMemoryMethods({ context, sharedMemory }),
    tensorFlow(predict, predictCodec(codecs)),
    tensorFlow(classify, classifyCodec),
    tensorFlow(regress, regressCodec),
    ...tensorFlowModelMethods(context),
    ...health.methods,
    ...reflection.methods,
  ];
  return grpcServer({
    ...options,
    methods,
    arrivals: new ArrivingCalls({ context, methods, stallTimeoutMs }),
    openStreams: {
      drain: () => openStreams.forEach((streams) => void streams.drain()),
      close: () => openStreams.forEach((streams) => void streams.close()),
    },
    stalls,
    messageLimitBytes: config.bodyLimitBytes,
    keepAliveTimeoutMs: config.keepAliveTimeoutMs,
    onError: (err) => logger.error({ err }, 'gRPC connections cannot be accepted'),
  });
}

const httpVersion = '2.0';

const accessChecks = (access: Access): Pick<GrpcContext, 'authenticate' | 'admit' | 'check'> => ({
  ...(access.authenticates && {
    authenticate: (call, purpose) => ask(call, purpose, (asked) => access.authenticate(asked)),
  }),
  admit: (call, purpose) => ask(call, purpose, (asked) => access.admit(asked)),
  check: (call, purpose) => ask(call, purpose, (asked) => access.check(asked)),
});

function ask(
  { requestId, headers, peerAddress }: ArrivedCall,
  { scope, action, model }: CallPurpose,
  verdictOn: (call: AccessCall) => Verdict | Promise<Verdict>,
): Verdict | Promise<Verdict> {
  if (scope === 'open') return anyone;
  const call = { action, model, requestId, headers, peerAddress, httpVersion };
  return verdictOn(scope === 'local' ? { ...call, ...shareMemory(action) } : { ...call, scope });
}
