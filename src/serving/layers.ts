import type { InstanceGroup } from '../core/inference-engine.js';
import type { Awaitable } from '../core/inference-service.js';
import type { ModelVersionId } from '../core/model.js';
import type { ModelConfig } from '../core/model-config.js';
import type { PreparedModel } from '../core/model-source.js';
import type { Servable } from '../core/servable.js';
import { withDefaultInputs } from './default-inputs.js';
import { withReshapes } from './reshaped-tensors.js';

/** What is known of a version when its layers are laid. */
export interface LayerFacts {
  readonly id: ModelVersionId;
  readonly config: ModelConfig;
  readonly prepared: PreparedModel;
}

/**
 * Around the scheduler: sees each request as its caller sent it. Gives the inner servable back where the version has no
 * need of the layer, which then costs nothing.
 */
export type RequestLayer = (inner: Servable, facts: LayerFacts) => Awaitable<Servable>;

/** Between the scheduler and the engine: sees what requests have become together. */
export type BatchLayer = (group: InstanceGroup, prepared: PreparedModel) => InstanceGroup;

/** From the engine outwards. What all callers leave to the model is added here, where requests need not agree on it any more. */
const batchLayers: readonly BatchLayer[] = [
  (group, { reshapes }) => withReshapes(group, reshapes),
  (group, { signature }) => withDefaultInputs(group, signature),
];

export const layBatchLayers = (group: InstanceGroup, prepared: PreparedModel): InstanceGroup =>
  batchLayers.reduce((inner, layer) => layer(inner, prepared), group);

/** `layers`: from the innermost to the outermost. */
export async function layRequestLayers(
  engine: Servable,
  layers: readonly RequestLayer[],
  facts: LayerFacts,
): Promise<Servable> {
  let servable = engine;
  for (const layer of layers) servable = await layer(servable, facts);
  return servable;
}
