import type { ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { shownValue } from '../../core/short-text.js';

/**
 * A caller may ask before it sends a body (`Expect: 100-continue`; curl does from 1 MiB on). It is told to go on only
 * when the body is about to be read, so that what is rejected is never sent. Whether a caller that was told
 * something else sends its body all the same cannot be known, so its connection ends there.
 */
export function handleExpectations(app: FastifyInstance): void {
  const asking = new WeakSet<ServerResponse>();
  app.server.on('checkExpectation', (request, response) => rejectExpectation(request.headers.expect, response));
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

/** Before there is a request for Fastify. Whether the body comes is not known, so that the connection ends. */
function rejectExpectation(expectation: string | undefined, response: ServerResponse): void {
  const error = `nothing but "100-continue" can be expected here, got ${shownValue(expectation)}`;
  const body = JSON.stringify({ error });
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    connection: 'close',
  };
  response.writeHead(417, headers).end(body);
}
