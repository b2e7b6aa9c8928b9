/**
 * What one writes in an afternoon: Fastify and `await session.run()`. Kept fair: the engine gets the very options that
 * Slipway gives it, nothing is logged, and nothing is checked.
 *
 *   node naive-server.js MODEL.onnx THREADS
 */
import Fastify from 'fastify';
import { type OnnxValue, Tensor } from 'onnxruntime-node';
import { openSession } from './open-session.js';

type Row = unknown;
type Rows = readonly Row[];

const [modelPath = '', threads = '1'] = process.argv.slice(2);
const session = await openSession(modelPath, Number(threads));
const app = Fastify({ bodyLimit: 64 * 2 ** 20 });

app.post('/predict', async (request) => {
  const { instances } = request.body as { instances: Rows };
  const feeds: Record<string, Tensor> = {};
  for (const { name, type } of inputs()) {
    const rows =
      session.inputNames.length === 1 ? instances : instances.map((row) => (row as Record<string, Row>)[name]);
    feeds[name] = toTensor(type, rows);
  }
  return { predictions: toRows(await session.run(feeds), instances.length) };
});

/** One row of the one input, as its raw bytes; answered likewise. */
app.addContentTypeParser(
  'application/octet-stream',
  { parseAs: 'buffer' },
  async (_request: unknown, body: Buffer) => body,
);
app.post('/predict-binary', async (request, reply) => {
  const [input] = inputs();
  if (input === undefined) throw new Error('the model has no input');
  const data = new Float32Array(new Uint8Array(request.body as Buffer).buffer);
  const answers = await session.run({ [input.name]: new Tensor('float32', data, [1, ...input.shape.slice(1)]) });
  const output = answers[session.outputNames.at(-1) as string] as Tensor;
  const bytes = output.data as Float32Array;
  return reply.type('application/octet-stream').send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
});

console.log(JSON.stringify({ address: await app.listen({ host: '127.0.0.1', port: 0 }) }));

function inputs(): { name: string; type: string; shape: readonly number[] }[] {
  return session.inputMetadata.map((input) => {
    if (!input.isTensor) throw new Error(`input ${input.name} is no tensor`);
    return { name: input.name, type: input.type, shape: input.shape.map(Number) };
  });
}

function toTensor(type: string, rows: Rows): Tensor {
  const values = (rows as unknown[][]).flat(Number.POSITIVE_INFINITY) as number[];
  const dims: number[] = [];
  for (let level: unknown = rows; Array.isArray(level); level = level[0]) dims.push(level.length);
  return type === 'int64'
    ? new Tensor('int64', BigInt64Array.from(values, BigInt), dims)
    : new Tensor('float32', Float32Array.from(values), dims);
}

function toRows(answers: Readonly<Record<string, OnnxValue>>, count: number): unknown[] {
  const columns = Object.entries(answers).map(([name, answer]) => ({ name, rows: rowsOf(answer as Tensor, count) }));
  const [only] = columns;
  if (columns.length === 1 && only !== undefined) return only.rows;
  return Array.from({ length: count }, (_, row) =>
    Object.fromEntries(columns.map(({ name, rows }) => [name, rows[row]])),
  );
}

function rowsOf({ data, dims }: Tensor, count: number): unknown[] {
  const values = Array.from(data as Float32Array | BigInt64Array, Number);
  if (dims.length === 1) return values;
  const width = values.length / count;
  return Array.from({ length: count }, (_, row) => values.slice(row * width, (row + 1) * width));
}
