import type { InferenceService } from '../core/inference-service.js';
import type { ConnectionIntake } from './connection-intake.js';
import type { Fleet } from './fleet.js';
import { FleetMetrics } from './fleet-metrics.js';
import { FleetService } from './fleet-service.js';

/** What clients are shown of a server. */
export interface Face {
  readonly service: InferenceService;
  readonly metrics: { readonly contentType: string; render(): Promise<string> };
}

/** What a server leaves to those that it shares its port with. */
export interface Fellowship {
  /** Where its connections come from. */
  readonly connections: ConnectionIntake;
  /** Models that the operator had unloaded when this server started. */
  readonly unloaded: readonly string[];
  /** What is shown in place of what it alone knows. */
  readonly sharedFace: (own: Face) => Face;
}

export const sharedFace = ({ service, metrics: { contentType } }: Face, fleet: Fleet): Face => ({
  service: new FleetService({ local: service, fleet }),
  metrics: new FleetMetrics({ contentType, fleet }),
});

/** What the operator unloaded through the API stays so in a front that starts later. */
export async function unloadedModels(fleet: Fleet): Promise<readonly string[]> {
  const { answers } = await fleet.ask({ kind: 'models' });
  const models = answers.flatMap(({ value }) => value);
  return models.filter(({ versions }) => versions.some(({ isIntended }) => isIntended)).map(({ name }) => name);
}
