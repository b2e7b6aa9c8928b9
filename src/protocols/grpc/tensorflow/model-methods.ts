import { createRegistry } from '@bufbuild/protobuf';
import { invalidArgument } from '../../../core/serving-error.js';
import { shownValue } from '../../../core/short-text.js';
import { modelMetadata } from '../../tensorflow-serving/model-metadata.js';
import { modelStatus } from '../../tensorflow-serving/model-status.js';
import { type GrpcContext, type GrpcMethod, unaryMethod } from '../grpc-method.js';
import {
  ModelService,
  type ModelSpec,
  PredictionService,
  SignatureDefMapSchema,
} from '../schema/tensorflow_serving_pb.js';
import { selectorOfSpec } from './model-spec.js';

interface SpecRequest {
  readonly modelSpec?: ModelSpec | undefined;
}

/** The one field of metadata that there is. */
const signatureField = 'signature_def';

/** What TensorFlow Serving tells of models. */
export function tensorFlowModelMethods(context: GrpcContext): GrpcMethod[] {
  const { service } = context;
  const shared = {
    context,
    scope: 'read',
    purpose: ({ modelSpec }: SpecRequest) => ({ action: 'read', model: modelSpec?.name }),
  } as const;
  return [
    unaryMethod({
      ...shared,
      method: ModelService.method.getModelStatus,
      respond: async ({ modelSpec }) => modelStatus(await service.status(selectorOfSpec(modelSpec))),
    }),
    unaryMethod({
      ...shared,
      method: PredictionService.method.getModelMetadata,
      registry: createRegistry(SignatureDefMapSchema),
      respond: ({ modelSpec, metadataField }) => {
        const other = metadataField.find((name) => name !== signatureField);
        if (other !== undefined)
          throw invalidArgument(`metadata_field: expected "${signatureField}", got ${shownValue(other)}`);
        using servable = service.acquire(selectorOfSpec(modelSpec));
        const { model_spec, metadata } = modelMetadata(servable.description);
        const signatures = {
          '@type': `type.googleapis.com/${SignatureDefMapSchema.typeName}`,
          ...metadata[signatureField],
        };
        return { model_spec, metadata: { [signatureField]: signatures } };
      },
    }),
  ];
}
