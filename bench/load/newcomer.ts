import { request } from 'node:http';
import { setTimeout as after } from 'node:timers/promises';

const betweenMs = 25;

/** Opens a connection for one GET, again and again, for `durationMs`; milliseconds that each took, or the last one until it was over. */
export async function askAnew(url: string, durationMs: number): Promise<number[]> {
  const times: number[] = [];
  const end = performance.now() + durationMs;
  while (performance.now() < end) {
    const startedAt = performance.now();
    await Promise.race([get(url), after(end - startedAt)]);
    times.push(performance.now() - startedAt);
    await after(betweenMs);
  }
  return times;
}

const get = (url: string): Promise<void> =>
  new Promise((resolve, reject) => {
    request(url, { agent: false }, (response) => response.resume().once('end', resolve))
      .once('error', reject)
      .end();
  });
