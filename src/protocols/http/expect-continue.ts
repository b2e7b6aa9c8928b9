import type { ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';

/**
 * A caller may ask before it sends a body (`Expect: 100-continue`; curl does from 1 MiB on). It is told to go on only
 * when the body is about to be read, so that what is turned away is never sent. Whether a caller that was told
 * something else sends its body all the same cannot be known, so its connection ends there.
 */
export function answerExpectations(app: FastifyInstance): void {
  const asking = new WeakSet<ServerResponse>();
  app.server.on('checkContinue', (request, response) => {
    asking.add(response);
    app.server.emit('request', request, response);
  });
  app.addHook('preParsing', (request, { raw }, payload, done) => {
    const isTooLarge = Number(request.headers['content-length']) > request.routeOptions.bodyLimit;
    if (!isTooLarge && asking.delete(raw)) raw.writeContinue();
    done(null, payload);
  });
  app.addHook('onSend', (_request, reply, payload, done) => {
    if (asking.has(reply.raw)) reply.header('connection', 'close');
    done(null, payload);
  });
}
