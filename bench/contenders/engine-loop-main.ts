/**
 * The ceiling: one process that does nothing but `await session.run()`, one row after the other, with the tensors ready
 * at hand. Takes an EngineLoopOrder first, then one `{ warmupMs, durationMs }` at a time.
 */
import { type InferenceSession, Tensor } from 'onnxruntime-node';
import { LatencySamples } from '../load/latency-samples.js';
import type { InputRow } from '../workloads/workload.js';
import type { EngineLoopOrder, EngineLoopReport, EngineLoopWindow } from './engine-loop-messages.js';
import { openSession } from './open-session.js';

let session: InferenceSession;
let feeds: InferenceSession.FeedsType[] = [];

process.on('message', async (message: EngineLoopOrder | EngineLoopWindow) => {
  if ('modelPath' in message) {
    session = await openSession(message.modelPath, message.threads);
    feeds = message.questions.map(feedsOf);
    process.send?.('ready');
  } else {
    process.send?.(await measure(message));
  }
});

function feedsOf(question: readonly InputRow[]): InferenceSession.FeedsType {
  const tensors = question.map(({ name, shape, values }): [string, Tensor] => {
    const dims = [1, ...shape];
    if (values instanceof Float32Array) return [name, new Tensor('float32', values, dims)];
    return [name, new Tensor('int64', values, dims)];
  });
  return Object.fromEntries(tensors);
}

async function measure({ warmupMs, durationMs }: EngineLoopWindow): Promise<EngineLoopReport> {
  let next = 0;
  const runUntil = async (endMs: number, samples?: LatencySamples): Promise<void> => {
    for (let startedMs = performance.now(); startedMs < endMs; ) {
      await session.run(feeds[next++ % feeds.length] as InferenceSession.FeedsType);
      const nowMs = performance.now();
      samples?.add(nowMs - startedMs);
      startedMs = nowMs;
    }
  };
  await runUntil(performance.now() + warmupMs);
  const samples = new LatencySamples();
  const cpuBefore = process.cpuUsage();
  const startMs = performance.now();
  await runUntil(startMs + durationMs, samples);
  const { user, system } = process.cpuUsage(cpuBefore);
  const seconds = (performance.now() - startMs) / 1000;
  return { latencies: samples.summarize(), seconds, cpuUs: user + system, residentBytes: process.memoryUsage.rss() };
}
