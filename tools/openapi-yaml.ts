import { stringify } from 'yaml';
import { Access } from '../src/access/access.js';
import type { InferenceService } from '../src/core/inference-service.js';
import { packageVersion } from '../src/package-version.js';
import { createHttpServer } from '../src/protocols/http-server.js';
import { sharedTools } from '../src/protocols/shared-tools.js';

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
  const logger = { error: unused, warn: unused };
  const config = {
    bodyLimitBytes: 1,
    keepAliveTimeoutMs: 1,
    requestTimeoutMs: 0,
    nonFinite: 'null',
    docs: true,
    page: false,
    modelUploads: false,
    corsOrigins: [],
    compressFromBytes: 0,
    responseLimitBytes: 2 ** 28,
    maxResponseBytes: 2 ** 30,
    maxQueueBytes: 2 ** 20,
  } as const;
  const access = new Access({ modelControl: 'loopback', metricsAccess: 'loopback' });
  const app = await createHttpServer({
    ...sharedTools({ service: noModels, access, observer: {}, logger, config }),
    logger,
    version: packageVersion(),
    metrics: { contentType: 'text/plain', render: async () => '', renderOpenMetrics: async () => '' },
    config,
  });
  try {
    const description = (await app.inject('/docs/json')).json<object>();
    // The file lies beside nothing that it could be relative to but the server's root.
    const servers = [{ url: './', description: 'This server.' }];
    return `# Written by tools/write-openapi.ts from the routes; do not edit.\n${stringify({ ...description, servers }, { lineWidth: 0 })}`;
  } finally {
    await app.close();
  }
}
