/** The parts of the API's description that no route has. */
export const openapiInfo = (version: string) => ({
  openapi: '3.1.0',
  info: {
    title: 'Slipway',
    version,
    summary: 'Any ONNX model over HTTP.',
    description:
      'Two protocols over the same models: `/v1` is plain JSON, which TensorFlow Serving clients speak too; `/v2` is the Open Inference Protocol with extensions as Triton has them. Every failure is `{"error": message}` under the right status.',
    license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
  },
  servers: [{ url: '/', description: 'This server.' }],
  security: [],
  components: {
    securitySchemes: {
      bearer: {
        type: 'http' as const,
        scheme: 'bearer',
        description: 'A key, or a JSON web token, where the server was given `--keys` or an issuer of tokens.',
      },
      apiKey: {
        type: 'apiKey' as const,
        in: 'header' as const,
        name: 'X-API-Key',
        description: 'The same, as other servers have it.',
      },
    },
  },
  tags: [
    { name: 'v1', description: 'Plain JSON, compatible with TensorFlow Serving.' },
    { name: 'v2', description: 'The Open Inference Protocol, as KServe, Triton and others speak it.' },
    { name: 'tasks', description: "Texts in, meaning out, as OpenAI's, Cohere's and Hugging Face's clients speak it." },
    { name: 'operations', description: 'For those who run the server.' },
  ],
});
