/** A part of the time that a request took. */
export interface TimePart {
  readonly name: 'prepare' | 'queue' | 'run' | 'rest';
  readonly ms: number;
}

/**
 * The parts of a request's time by the server's `Server-Timing` and what the browser saw. The run is the batch's, from its
 * sending to the engine to its result; the rest is reading, writing and the network.
 */
export function timeParts(serverTiming: string | null, totalMs: number): readonly TimePart[] {
  const durations = new Map<string, number>();
  for (const [, name = '', duration] of (serverTiming ?? '').matchAll(/([\w-]+);dur=([\d.]+)/g))
    durations.set(name, Number(duration));
  const [prepare, queue, run] = ['prepare', 'queue', 'batch'].map((name) => durations.get(name) ?? 0) as [
    number,
    number,
    number,
  ];
  const parts: TimePart[] = [
    { name: 'prepare', ms: prepare },
    { name: 'queue', ms: queue },
    { name: 'run', ms: run },
    { name: 'rest', ms: Math.max(0, totalMs - prepare - queue - run) },
  ];
  return parts.filter(({ name, ms }) => ms > 0 || name === 'rest');
}
