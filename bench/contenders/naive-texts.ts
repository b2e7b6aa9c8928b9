/**
 * What one writes in an afternoon: Fastify, Hugging Face's tokenizers and `await session.run()` in one process, with the engine
 * options that Slipway has.
 *
 *   node naive-texts.js MODEL.onnx TOKENIZER.json
 */
import { readFileSync } from 'node:fs';
import Fastify from 'fastify';
import { Tensor } from 'onnxruntime-node';
import { Tokenizer } from 'tokenizers';
import { openSession } from './open-session.js';

const [modelPath = '', tokenizerPath = ''] = process.argv.slice(2);
const session = await openSession(modelPath, 1);
const tokenizer = Tokenizer.fromString(readFileSync(tokenizerPath, 'utf8'));
const app = Fastify();

app.post('/v1/models/texts/predict', async (request) => {
  const { instances } = request.body as { instances: readonly string[] };
  const predictions: number[][] = [];
  for (const text of instances) {
    const encoding = await tokenizer.encode(text, null);
    const ids = BigInt64Array.from(encoding.getIds(), BigInt);
    const { embedding } = await session.run({
      input_ids: new Tensor('int64', ids, [1, ids.length]),
      attention_mask: new Tensor('int64', new BigInt64Array(ids.length).fill(1n), [1, ids.length]),
    });
    predictions.push(Array.from((embedding as Tensor).data as Float32Array));
  }
  return { predictions };
});

console.log(JSON.stringify({ address: await app.listen({ host: '127.0.0.1', port: 0 }) }));
