import type { InferenceSession } from 'onnxruntime-node';
import { sessionOptions } from '../../src/engine/process/session-options.js';

/** A session with the options that Slipway's engine processes use, and without the engine's telemetry. */
export async function openSession(modelPath: string, threads: number): Promise<InferenceSession> {
  process.env.ORT_DISABLE_TELEMETRY = '1';
  const { InferenceSession: Engine } = await import('onnxruntime-node');
  return Engine.create(modelPath, sessionOptions({ modelPath, threads, largestResponseBytes: 2 ** 31 }));
}
