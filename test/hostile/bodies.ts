import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import type { Random } from '../support/random.js';

/** More than the server of the fuzz takes, compressed to next to nothing. */
export const bodyLimitBytes = 256 * 1024;
const bomb = Buffer.alloc(64 * bodyLimitBytes, ' ');
const bombs = [gzipSync(bomb), deflateSync(bomb)];

const texts = [
  '',
  '{}',
  'null',
  '[]',
  '"x"',
  '{"instances":[[1,2,3,4]]}',
  '{"instances":[[1e999,1,1,1]]}',
  '{"instances":[[1,2,3]]}',
  '{"instances":[[1,2,3,4],[1,2]]}',
  '{"instances":{"x":1}}',
  '{"inputs":[]}',
  '{"inputs":{"x":[[1,2,3,4]]}}',
  '{"inputs":{"__proto__":[[1,2,3,4]]}}',
  '{"inputs":[{"name":"x","shape":[1,4],"datatype":"FP32","data":[1,2,3,4]}]}',
  '{"inputs":[{"name":"x","shape":[1e18,-1],"datatype":"FP32","data":[]}]}',
  '{"inputs":[{"name":"x","shape":[1,4],"datatype":"FP32","parameters":{"binary_data_size":16}}]}',
  '{"inputs":[{"name":"x","shape":[1,4],"datatype":"NONE","data":[1,2,3,4]}],"parameters":{"timeout":-1}}',
  '{"id":"\\u0000\\r\\nX: y","inputs":[{"name":"x","shape":[1,4],"datatype":"FP32","data":[1,2,3,4]}]}',
  '{"examples":[{"x":[1,2,3,4]}]}',
  '{"signature_name":"nope","instances":[[1,2,3,4]]}',
  '{"ready":true}',
  '{"parameters":{"unload_dependents":true,"config":"{"}}',
  `${'['.repeat(3000)}`,
  `{"instances":[${'[1,2,3,4],'.repeat(500)}[1,2,3,4]]}`,
  `{"instances":["${'x'.repeat(20_000)}"]}`,
  '\ufeff{"instances":[[1,2,3,4]]}',
  'a=b&c=d',
  '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--x--\r\n',
].map((text) => Buffer.from(text));

const binaries = [
  Buffer.from('\x1f\x8b\x08\x00garbage', 'latin1'),
  Buffer.from('\xff\xfe{\0}\0', 'latin1'),
  Buffer.from('\x28\xb5\x2f\xfd\x00\x58', 'latin1'),
  gzipSync('{"instances":[[1,2,3,4]]}').subarray(0, 25),
  Buffer.alloc(64, 0),
  Buffer.alloc(bodyLimitBytes + 1, '['),
];

export const randomBody = (random: Random): Buffer => {
  if (random.chance(60)) return random.pick(bombs);
  return random.pick(random.chance(5) ? binaries : texts);
};

/** A content coding's header, and the body in that coding where there is such a thing. */
export interface Coding {
  readonly header: string;
  readonly encode?: (body: Buffer) => Buffer;
  /** A server that knows gzip and deflate has to understand it. */
  readonly isOwed?: true;
}

export const codings: readonly Coding[] = [
  { header: 'gzip', encode: gzipSync, isOwed: true },
  { header: 'deflate', encode: deflateSync, isOwed: true },
  { header: 'identity', encode: (body) => body, isOwed: true },
  { header: 'GZIP', encode: gzipSync, isOwed: true },
  { header: 'x-gzip', encode: gzipSync },
  { header: 'deflate', encode: deflateRawSync },
  { header: 'br', encode: brotliCompressSync },
  { header: 'zstd' },
  { header: 'gzip, gzip', encode: (body) => gzipSync(gzipSync(body)) },
  { header: 'deflate, gzip', encode: (body) => gzipSync(deflateSync(body)) },
  { header: 'gzip;q=0' },
  { header: 'gzip;q=1.0, identity' },
  { header: '' },
  { header: ',' },
  { header: 'x' },
  { header: 'chunked' },
  { header: `gzip${', gzip'.repeat(200)}` },
];
