import type { FastifyInstance, preParsingHookHandler } from 'fastify';
import { bodyCollector, type RawBytesAt } from './body-collector.js';
import { decodeContent } from './content-decoding.js';

/** Said to whoever sends something else. */
export const acceptedTypes =
  'send JSON as application/json (application/x-www-form-urlencoded, which curl -d says, is read as JSON too); /v2 infer also reads application/octet-stream';

/** Bodies reach the handlers as the Buffer that came; nothing is parsed before a codec does it. */
export function readJsonBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  const json = ['application/json', 'application/x-www-form-urlencoded', /^application\/[\w.-]+\+json\b/];
  for (const type of json) app.addContentTypeParser(type, bodyCollector());
  app.addHook('preParsing', openBody);
}

export function readBinaryBodies(app: FastifyInstance, rawBytesAt: RawBytesAt): void {
  app.addContentTypeParser('application/octet-stream', bodyCollector(rawBytesAt));
}

/** A body without a type is taken for JSON; a compressed one is opened, the limit counting what comes out of it. */
const openBody: preParsingHookHandler = (request, reply, payload, done) => {
  const { headers } = request.raw;
  headers['content-type'] ||= 'application/json';
  const encoding = headers['content-encoding']?.toLowerCase();
  if (encoding === undefined || encoding === 'identity') {
    done(null, payload);
    return;
  }
  const plain = decodeContent(payload, encoding);
  // Refused halfway for its size: the rest must not be opened.
  reply.raw.once('close', () => plain.destroy());
  done(null, plain);
};
