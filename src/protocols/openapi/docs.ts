import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { pageHeaders } from '../http/http-response.js';
import { openToAll } from '../http/route-access.js';
import type { DescribedServerOptions } from './described-server.js';

/**
 * The API's documentation under `/docs`. What makes it is loaded and put together when somebody first asks: it
 * would take as long to start as the rest of the server.
 */
export function addDocs(app: FastifyInstance, options: DescribedServerOptions): void {
  let described: Promise<FastifyInstance> | undefined;
  const pass = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    described ??= createDescribed(options);
    const { routing } = await described;
    reply.hijack();
    for (const [name, value] of Object.entries(pageHeaders)) reply.raw.setHeader(name, value);
    routing(request.raw, reply.raw);
  };
  for (const url of ['/docs', '/docs/*']) app.get(url, { schema: { hide: true }, ...openToAll('management') }, pass);
  app.addHook('onClose', async () => {
    await (await described)?.close();
  });
}

async function createDescribed(options: DescribedServerOptions): Promise<FastifyInstance> {
  const { createDescribedServer } = await import('./described-server.js');
  return createDescribedServer(options);
}
