/**
 * What HTTP alone costs: Fastify takes the whole body as bytes, looks at none of it, and answers with a fixed text as
 * long as the real answer.
 *
 *   node floor-server.js ANSWER_BYTES
 */
import Fastify from 'fastify';

const answer = Buffer.from(JSON.stringify('-'.repeat(Math.max(0, Number(process.argv[2] ?? 100) - 2))));
const app = Fastify({ bodyLimit: 64 * 2 ** 20 });

app.removeAllContentTypeParsers();
app.addContentTypeParser('*', { parseAs: 'buffer' }, async (_request: unknown, body: Buffer) => body);
app.post('/predict', async (_request, reply) => reply.type('application/json').send(answer));

console.log(JSON.stringify({ address: await app.listen({ host: '127.0.0.1', port: 0 }) }));
