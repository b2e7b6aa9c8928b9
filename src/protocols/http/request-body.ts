import type { FastifyInstance, preParsingHookHandler } from 'fastify';
import { formType, pictureTypes } from '../picture-bodies.js';
import { bodyCollector, type RawBytesAt } from './body-collector.js';

/** Said to whoever sends something else. */
export const acceptedTypes =
  'send JSON as application/json (text/plain, which fetch says, and application/x-www-form-urlencoded, which curl -d says, are read as JSON too); /v2 infer also reads application/octet-stream; pictures are image/jpeg, image/png, image/webp, or files of multipart/form-data';

/** What clients call JSON. Clients of other servers were never made to name it. */
const jsonTypes = [
  'application/json',
  'application/x-www-form-urlencoded',
  'text/json',
  'text/plain',
  /^application\/[\w.-]+\+json\b/,
  /^\*\/\*/,
];

/** Bodies reach the handlers as the Buffer that came; nothing is parsed before a codec does it. */
export function readJsonBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  for (const type of jsonTypes) app.addContentTypeParser(type, bodyCollector());
  app.addHook('preParsing', nameType);
}

export function readBinaryBodies(app: FastifyInstance, rawBytesAt: RawBytesAt): void {
  app.addContentTypeParser('application/octet-stream', bodyCollector(rawBytesAt));
}

export function readPictureBodies(app: FastifyInstance): void {
  app.addContentTypeParser([...pictureTypes, formType], bodyCollector());
}

/** A body without a type is taken for JSON. */
const nameType: preParsingHookHandler = (request, _reply, payload, done) => {
  request.raw.headers['content-type'] ||= 'application/json';
  done(null, payload);
};
