import type { Transform } from 'node:stream';
import * as zlib from 'node:zlib';
import type { RequestPayload } from 'fastify';
import { ServingError } from '../../core/serving-error.js';
import { shownValue } from '../../core/short-text.js';

/** The part of node:zlib that came with Node.js 22.15 and 23.8; the types are older. */
const { createZstdDecompress } = zlib as { readonly createZstdDecompress?: () => Transform };

const decompressors = new Map<string, () => Transform>([
  ['gzip', zlib.createGunzip],
  ['x-gzip', zlib.createGunzip],
  ['deflate', zlib.createInflate],
  ['br', zlib.createBrotliDecompress],
]);
if (createZstdDecompress !== undefined) decompressors.set('zstd', createZstdDecompress);

/**
 * What comes out of a body that was encoded so. Throws UNSUPPORTED_MEDIA_TYPE where that cannot be read. How much comes
 * out is the reader's to limit, and to destroy the stream then.
 */
export function decodeContent(encoded: RequestPayload, encoding: string): RequestPayload & Transform {
  const createDecompressor = decompressors.get(encoding);
  if (createDecompressor === undefined) throw unread(encoding);
  let receivedEncodedLength = 0;
  encoded.on('data', (chunk: Buffer) => {
    receivedEncodedLength += chunk.length;
  });
  const plain = encoded.pipe(createDecompressor());
  encoded.on('error', (error) => plain.destroy(error));
  // This, not the plain length, is what Content-Length announces.
  return Object.defineProperty(plain, 'receivedEncodedLength', { get: () => receivedEncodedLength });
}

function unread(encoding: string): ServingError {
  const needed = encoding === 'zstd' ? ` (Node.js 22.15 and later read it; this is ${process.version})` : '';
  const read = [...decompressors.keys()].filter((name) => name !== 'x-gzip').join(', ');
  return new ServingError(
    'UNSUPPORTED_MEDIA_TYPE',
    `content encoding ${shownValue(encoding)} is not read here${needed}; send ${read} or nothing`,
  );
}
