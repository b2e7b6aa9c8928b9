import { Lane } from './lane.js';

/**
 * One lane a shape. Lanes share the engine by time: the most urgent priority first, and among equals the lane
 * that was given least computing time so far.
 */
export class LaneSet {
  readonly #lanes = new Map<string, Lane>();
  /** Share clock: a lane that becomes busy starts here, so that idling earns no credit. */
  #virtualMs = 0;

  laneFor(key: string): Lane {
    let lane = this.#lanes.get(key);
    if (lane === undefined) {
      lane = new Lane(key, this.#virtualMs);
      this.#lanes.set(key, lane);
    } else if (lane.rows === 0) lane.virtualMs = this.#virtualMs;
    return lane;
  }

  get(key: string): Lane | undefined {
    return this.#lanes.get(key);
  }

  /** Non-empty lanes, the one whose turn it is first. Empty ones are removed on the way, unless it is the only lane. */
  inTurn(nowMs: number): Lane[] {
    if (this.#lanes.size === 1) {
      const [only] = this.#lanes.values() as Iterable<Lane> as [Lane];
      return only.rows > 0 ? [only] : [];
    }
    const busy: { lane: Lane; priority: number }[] = [];
    for (const [key, lane] of this.#lanes) {
      const priority = lane.rows > 0 ? lane.headPriority(nowMs) : Number.POSITIVE_INFINITY;
      if (priority === Number.POSITIVE_INFINITY) this.#lanes.delete(key);
      else busy.push({ lane, priority });
    }
    if (busy.length > 1) busy.sort((a, b) => a.priority - b.priority || a.lane.virtualMs - b.lane.virtualMs);
    return busy.map(({ lane }) => lane);
  }

  /** Books a run on the lane's account. */
  charge(lane: Lane, ms: number): void {
    this.#virtualMs = Math.max(this.#virtualMs, lane.virtualMs);
    lane.virtualMs += ms;
  }
}
