import type { InferenceTimings } from '../../core/inference.js';

/** The `Server-Timing` header, in milliseconds; browsers and proxies draw it. */
export const serverTiming = ({ queueMs, batchMs, computeMs }: InferenceTimings): string =>
  `queue;dur=${milliseconds(queueMs)}, batch;dur=${milliseconds(batchMs)}, compute;dur=${milliseconds(computeMs)}`;

const milliseconds = (value: number): number => Math.round(value * 1000) / 1000;
