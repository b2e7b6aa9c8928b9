import type { InferenceService } from '../core/inference-service.js';
import type { ConnectionIntake } from './connection-intake.js';
import type { Peers } from './peers.js';
import { SharedMetrics } from './shared-metrics.js';
import { SharedService } from './shared-service.js';

/** What clients are shown of a server. */
export interface Face {
  readonly service: InferenceService;
  readonly metrics: { readonly contentType: string; render(): Promise<string>; renderOpenMetrics(): Promise<string> };
}

/** What a server leaves to those that it shares its port with. */
export interface PeerContext {
  /** Where its connections come from. */
  readonly connections: ConnectionIntake;
  /** For what all of them have to know. */
  readonly folder: string;
  /** Of what the settings say for all of them together. */
  readonly share: number;
  /** Models that the operator had unloaded when this server started. */
  readonly unloaded: readonly string[];
  /** What is shown in place of what it alone knows. */
  readonly sharedFace: (own: Face) => Face;
}

export const sharedFace = ({ service, metrics: { contentType } }: Face, peers: Peers): Face => ({
  service: new SharedService({ local: service, peers }),
  metrics: new SharedMetrics({ contentType, peers }),
});

/** What the operator unloaded through the API stays so in a worker that starts later. */
export async function unloadedModels(peers: Peers): Promise<readonly string[]> {
  const { results } = await peers.ask({ kind: 'models' });
  const models = results.flatMap(({ value }) => value);
  return models.filter(({ versions }) => versions.some(({ isIntended }) => isIntended)).map(({ name }) => name);
}
