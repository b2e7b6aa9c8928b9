/** The part of a CPU profile, as V8 writes it, that is read here. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string };
  }[];
  /** Node of each sample. */
  readonly samples: readonly number[];
  /** Microseconds before each sample. */
  readonly timeDeltas: readonly number[];
}

/** Where the worker was whenever it was not idle: shares that add up to one, the largest first. */
export function timeByPlace({ nodes, samples, timeDeltas }: CpuProfile): readonly (readonly [string, number])[] {
  const places = new Map(nodes.map(({ id, callFrame }) => [id, placeOf(callFrame)]));
  const times = new Map<string, number>();
  let total = 0;
  for (const [index, node] of samples.entries()) {
    const place = places.get(node);
    const us = timeDeltas[index];
    if (place === undefined || us === undefined) continue;
    times.set(place, (times.get(place) ?? 0) + us);
    total += us;
  }
  return [...times].map(([place, us]) => [place, us / total] as const).sort(([, a], [, b]) => b - a);
}

/** Undefined while nothing is done. A room of src/ by its name; system calls are found in functions without an address. */
function placeOf({ functionName, url }: CpuProfile['nodes'][number]['callFrame']): string | undefined {
  if (functionName === '(idle)') return undefined;
  if (functionName === '(garbage collector)') return 'garbage collection';
  if (url.startsWith('wasm:')) return 'codecs';
  const room = /\/dist\/src\/([^/]+)\//.exec(url)?.[1];
  if (room !== undefined) return room;
  const library = /\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1];
  if (library !== undefined) return library;
  if (/^node:(?:net|internal\/(?:streams|stream_base|js_stream))/.test(url)) return 'Node.js: sockets and streams';
  if (url.startsWith('node:')) return 'Node.js: the rest';
  return functionName === '(program)' ? 'native: event loop, reading' : 'native: called from JavaScript, writing';
}
