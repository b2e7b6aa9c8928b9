/** A v2 request with binary tensors behind its JSON. */
export const binaryRequest = (model: string, json: string, tail: Uint8Array) => ({
  method: 'POST' as const,
  url: `/v2/models/${model}/infer`,
  headers: {
    'content-type': 'application/octet-stream',
    'inference-header-content-length': String(Buffer.byteLength(json)),
  },
  payload: Buffer.concat([Buffer.from(json), tail]),
});
