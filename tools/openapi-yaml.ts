import { stringify } from 'yaml';
import type { InferenceService } from '../src/core/inference-service.js';
import { packageVersion } from '../src/package-version.js';
import { createHttpServer } from '../src/protocols/http-server.js';

/** Nothing is asked of it: only the routes are looked at. */
const noModels: InferenceService = {
  ready: false,
  acquire: () => unused(),
  models: () => [],
  status: () => unused(),
  statistics: () => [],
  loadModel: async () => unused(),
  unloadModel: async () => unused(),
};

function unused(): never {
  throw new Error('expected no request while the API is described');
}

/** The API's description as the project keeps it, made from the routes of the real server. */
export async function openapiYaml(): Promise<string> {
  const app = await createHttpServer({
    service: noModels,
    observer: {},
    logger: { error: unused },
    version: packageVersion(),
    metrics: { contentType: 'text/plain', render: async () => '' },
    config: {
      bodyLimitBytes: 1,
      keepAliveTimeoutMs: 1,
      requestTimeoutMs: 0,
      nonFinite: 'null',
      docs: true,
      modelControl: true,
      compressFromBytes: 0,
      maxQueueBytes: 2 ** 20,
    },
  });
  try {
    const description = (await app.inject('/docs/json')).json<object>();
    return `# Written by tools/write-openapi.ts from the routes; do not edit.\n${stringify(description, { lineWidth: 0 })}`;
  } finally {
    await app.close();
  }
}
