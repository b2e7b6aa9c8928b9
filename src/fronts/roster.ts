/** `starting` has no server yet, `listening` one whose models are loading, `settled` all it found at its start. */
export type FrontState = 'starting' | 'listening' | 'settled';

export interface FrontSituation {
  readonly state: FrontState;
  /** Started in place of one that ended. */
  readonly isReplacement: boolean;
  /** Connections in its hands. */
  readonly connections: number;
  /** Has not taken a connection for a while that it was given. */
  readonly isStuck: boolean;
}

/**
 * Who takes the next connection: of the settled fronts the first with the fewest, as connections stay long and a replacement
 * begins with none. Those that still load get one only while nobody else is there to say so.
 */
export function nextTaker<Front extends FrontSituation>(fronts: readonly Front[]): Front | undefined {
  const able = settledOrListening(fronts);
  const moving = able.filter(({ isStuck }) => !isStuck);
  return (moving.length > 0 ? moving : able).reduce<Front | undefined>(
    (least, front) => (least === undefined || front.connections < least.connections ? front : least),
    undefined,
  );
}

/**
 * Whose word counts for the server's state. The fronts of the start are waited for; a replacement gets no
 * connections before it has settled, so what it lacks until then nobody meets.
 */
export function witnesses<Front extends FrontSituation>(fronts: readonly Front[]): readonly Front[] {
  const counted = fronts.filter(({ state, isReplacement }) => state === 'settled' || !isReplacement);
  return counted.length > 0 ? counted : settledOrListening(fronts);
}

function settledOrListening<Front extends FrontSituation>(fronts: readonly Front[]): readonly Front[] {
  const settled = fronts.filter(({ state }) => state === 'settled');
  return settled.length > 0 ? settled : fronts.filter(({ state }) => state === 'listening');
}
