import { LoadGenerator } from '../../bench/load/load-generator.js';
import { planCores } from '../../bench/machine/cores.js';
import { measureOverload as measureSteps } from '../../bench/sections/overload.js';
import { table } from './table.js';

/** Arrivals at random, up to ten times what the server can compute: what is answered, and how fast what cannot be is rejected. */
export async function measureOverload(): Promise<string> {
  const cores = planCores();
  const generator = new LoadGenerator(cores.generator);
  const say = (text: string): void => console.error(`· ${text}`);
  try {
    const context = { cores, generator, rounds: 3, quick: false, workloads: [], targets: [], say };
    const { steps } = await measureSteps(context);
    const rows = steps.map((step) => [
      `${step.factor} × capacity`,
      step.offeredPerSecond.toFixed(0),
      step.goodputPerSecond.toFixed(0),
      `${(100 * step.ofPeak).toFixed(0)} %`,
      step.admittedP99Ms.toFixed(0),
      step.rejectedPerSecond.toFixed(0),
      fixed(step.rejectedP50Ms),
      fixed(step.rejectedP99Ms),
    ]);
    const head = ['arrivals', 'a second', 'answered', 'of the peak', 'their 99 %, ms', 'rejected a second'];
    return table([...head, 'rejection: median, ms', '99 %, ms'], rows);
  } finally {
    generator.stop();
  }
}

const fixed = (ms: number): string => (Number.isNaN(ms) ? '' : ms.toFixed(1));
