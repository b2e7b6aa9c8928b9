/** `starting` has no server yet, `listening` one whose models are loading, `loaded` all it found at its start. */
export type WorkerState = 'starting' | 'listening' | 'loaded';

export interface WorkerSituation {
  readonly state: WorkerState;
  /** Started in place of one that ended. */
  readonly isReplacement: boolean;
  /** Connections in its hands. */
  readonly connections: number;
  /** Has not taken a connection for a while that it was given. */
  readonly isStuck: boolean;
}

/**
 * Who takes the next connection: of the loaded workers the first with the fewest, as connections stay long and a replacement
 * begins with none. Those that still load get one only while nobody else is there to say so.
 */
export function nextTaker<Worker extends WorkerSituation>(workers: readonly Worker[]): Worker | undefined {
  const able = loadedOrListening(workers);
  const moving = able.filter(({ isStuck }) => !isStuck);
  return (moving.length > 0 ? moving : able).reduce<Worker | undefined>(
    (least, worker) => (least === undefined || worker.connections < least.connections ? worker : least),
    undefined,
  );
}

/**
 * Whose word counts for the server's state. The workers of the start are waited for; a replacement gets no
 * connections before it has loaded, so what it lacks until then nobody meets.
 */
export function witnesses<Worker extends WorkerSituation>(workers: readonly Worker[]): readonly Worker[] {
  const counted = workers.filter(({ state, isReplacement }) => state === 'loaded' || !isReplacement);
  return counted.length > 0 ? counted : loadedOrListening(workers);
}

function loadedOrListening<Worker extends WorkerSituation>(workers: readonly Worker[]): readonly Worker[] {
  const loaded = workers.filter(({ state }) => state === 'loaded');
  return loaded.length > 0 ? loaded : workers.filter(({ state }) => state === 'listening');
}
