import type { Sighting } from './sighting.js';

/** Something that is looked at again and again, and the last state in which it lay still. */
export interface Watched<Content> {
  readonly fingerprint: string;
  /** When the present state was first seen. */
  readonly seenSinceMs: number;
  /** Whether the present state is the settled one. */
  readonly isSettled: boolean;
  /** Absent before it has lain still for the first time. */
  readonly settled?: Sighting<Content>;
}

export interface Patience {
  readonly nowMs: number;
  /** What looks the same for this long is complete. */
  readonly quietMs: number;
  /** What was last changed longer ago than this is complete at first sight. */
  readonly ageMs: number;
}

/**
 * What is known after one more look. A copy in progress keeps changing size and mtime; until it lies still the state
 * before it stays in force. Tools that give a copy its original's mtime do so at the end, and give the folder's back
 * last of all, so an old date is a sign of completeness. Should a copy stall for longer than that, the half file
 * fails to load, and the whole one is loaded when it differs.
 */
export function watch<Content>(
  previous: Watched<Content> | undefined,
  sighting: Sighting<Content>,
  { nowMs, quietMs, ageMs }: Patience,
): Watched<Content> {
  const isSame = previous?.fingerprint === sighting.fingerprint;
  const isBack = previous?.settled?.fingerprint === sighting.fingerprint;
  const seenSinceMs = isSame ? previous.seenSinceMs : nowMs;
  const isSettled = isBack || nowMs - sighting.changedAtMs > ageMs || nowMs - seenSinceMs >= quietMs;
  const settled = isSettled ? sighting : previous?.settled;
  return { fingerprint: sighting.fingerprint, seenSinceMs, isSettled, ...(settled && { settled }) };
}
