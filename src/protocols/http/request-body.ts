import type { Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import type { FastifyInstance, FastifyRequest, preParsingHookHandler, RequestPayload } from 'fastify';
import { ServingError } from '../../core/serving-error.js';

/** Said to whoever sends something else. */
export const acceptedTypes =
  'send JSON as application/json (application/x-www-form-urlencoded, which curl -d says, is read as JSON too); /v2 infer also reads application/octet-stream';

const decompressors = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
} as const;

const isDecompressor = (encoding: string): encoding is keyof typeof decompressors => encoding in decompressors;

const passOn = (_request: FastifyRequest, body: Buffer, done: (error: null, body: Buffer) => void): void =>
  done(null, body);

/** Bodies reach the handlers as the Buffer that came; nothing is parsed before a codec does it. */
export function readJsonBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  const json = ['application/json', 'application/x-www-form-urlencoded', /^application\/[\w.-]+\+json\b/];
  for (const type of json) app.addContentTypeParser(type, { parseAs: 'buffer' }, passOn);
  app.addHook('preParsing', openBody);
}

export function readBinaryBodies(app: FastifyInstance): void {
  app.addContentTypeParser('application/octet-stream', { parseAs: 'buffer' }, passOn);
}

/** A body without a type is taken for JSON; a compressed one is opened, the limit counting what comes out of it. */
const openBody: preParsingHookHandler = (request, reply, payload, done) => {
  const { headers } = request.raw;
  headers['content-type'] ||= 'application/json';
  const encoding = headers['content-encoding']?.toLowerCase();
  if (encoding === undefined || encoding === 'identity') {
    done(null, payload);
  } else if (isDecompressor(encoding)) {
    const plain = decompress(payload, encoding);
    // Refused halfway for its size: the rest must not be opened.
    reply.raw.once('close', () => plain.destroy());
    done(null, plain);
  } else {
    done(unknownEncoding(encoding));
  }
};

const unknownEncoding = (encoding: string): ServingError =>
  new ServingError(
    'UNSUPPORTED_MEDIA_TYPE',
    `content encoding ${JSON.stringify(encoding)} is not read here; send gzip, deflate, br or nothing`,
  );

function decompress(compressed: RequestPayload, encoding: keyof typeof decompressors): RequestPayload & Transform {
  let receivedEncodedLength = 0;
  compressed.on('data', (chunk: Buffer) => {
    receivedEncodedLength += chunk.length;
  });
  const plain = compressed.pipe(decompressors[encoding]());
  compressed.once('error', (error) => plain.destroy(error));
  // Fastify holds this, not the plain length, against Content-Length.
  return Object.defineProperty(plain, 'receivedEncodedLength', { get: () => receivedEncodedLength });
}
