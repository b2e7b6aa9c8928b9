import type { Transform } from 'node:stream';
import * as zlib from 'node:zlib';
import type { FastifyInstance } from 'fastify';
import { acceptedEncoding } from './accepted-encoding.js';
import type { HttpContent } from './http-call.js';

/** What comes out of a compressor goes into the reply in pieces of this size. */
const chunkSize = 65_536;
/** Little CPU time, as an inference server has better uses for it; most of the gain is had all the same. */
const brotli = { chunkSize, params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 1 } };
const fastest = { chunkSize, level: 1 };

/** The part of node:zlib that came with Node.js 22.15 and 23.8; the types are older. */
const { createZstdCompress } = zlib as { readonly createZstdCompress?: (options: object) => Transform };
const { ZSTD_c_compressionLevel: zstdLevel = 0 } = zlib.constants as { readonly ZSTD_c_compressionLevel?: number };

/** First the one that every client that offers it can read; some offer others that they cannot. */
const compressors = new Map<string, () => Transform>();
compressors.set('gzip', () => zlib.createGzip(fastest));
compressors.set('br', () => zlib.createBrotliCompress(brotli));
if (createZstdCompress !== undefined) {
  compressors.set('zstd', () => createZstdCompress({ chunkSize, params: { [zstdLevel]: 1 } }));
}
compressors.set('deflate', () => zlib.createDeflate(fastest));
const encodings = [...compressors.keys()];

/** Raw tensors do not compress. */
const isCompressible = (contentType: unknown): boolean => /json|text|xml|yaml|javascript/.test(String(contentType));

/** Compresses large answers for callers that accept it, in the thread pool. */
export class ResponseCompression {
  /** Shorter answers are left alone: to compress one costs more than a small inference. */
  readonly fromBytes: number;

  /** `fromBytes`: 0 is never. */
  constructor(options: { fromBytes: number }) {
    this.fromBytes = options.fromBytes || Number.POSITIVE_INFINITY;
  }

  /** The answer in the encoding that the caller likes best, or as it is where that is as good. */
  async compress(content: HttpContent, acceptEncoding: string | string[] | undefined): Promise<HttpContent> {
    const { headers, body } = content;
    if (body.length < this.fromBytes || !isCompressible(headers['content-type'])) return content;
    const varying = { ...headers, vary: 'accept-encoding' };
    const encoding = acceptedEncoding(acceptEncoding, encodings);
    const createCompressor = encoding === undefined ? undefined : compressors.get(encoding);
    const smaller = createCompressor && (await compressed(asBuffer(body), createCompressor()));
    if (encoding === undefined || smaller === undefined) return { headers: varying, body };
    return { headers: { ...varying, 'content-encoding': encoding }, body: smaller };
  }

  /** Also what Fastify's own routes answer, unless that says already what it varies by. */
  addTo(app: FastifyInstance): FastifyInstance {
    return app.addHook('onSend', (request, reply, payload, done) => {
      const isWhole = typeof payload === 'string' || Buffer.isBuffer(payload);
      if (!isWhole || payload.length < this.fromBytes || reply.hasHeader('vary')) {
        done(null, payload);
        return;
      }
      const contentType = String(reply.getHeader('content-type'));
      const plain = { headers: { 'content-type': contentType }, body: payload };
      this.compress(plain, request.headers['accept-encoding']).then(({ headers, body }) => {
        reply.headers(headers);
        done(null, body);
      }, done);
    });
  }
}

const asBuffer = (payload: string | Buffer): Buffer => (typeof payload === 'string' ? Buffer.from(payload) : payload);

/** Undefined when it did not become smaller. */
function compressed(body: Buffer, compressor: Transform): Promise<Buffer | undefined> {
  // Not touched before it is filled, and not larger than what it replaces.
  const bytes = Buffer.allocUnsafeSlow(body.length);
  let length = 0;
  return new Promise((resolve, reject) => {
    compressor.on('data', (chunk: Buffer) => {
      if (length + chunk.length >= bytes.length) {
        compressor.destroy();
        resolve(undefined);
        return;
      }
      bytes.set(chunk, length);
      length += chunk.length;
    });
    compressor.on('end', () => resolve(bytes.subarray(0, length))).on('error', reject);
    compressor.end(body);
  });
}
