import type { Scanned } from './scanned.js';

/** Something that is scanned again and again, and the last state in which it lay still. */
export interface Stability<Content> {
  readonly fingerprint: string;
  /** When the present state was first seen. */
  readonly seenSinceMs: number;
  /** Whether the present state is the stable one. */
  readonly isStable: boolean;
  /** Absent before it has lain still for the first time. */
  readonly stable?: Scanned<Content>;
}

export interface StabilityWindow {
  readonly nowMs: number;
  /** What looks the same for this long is complete. */
  readonly quietMs: number;
  /** What was last changed longer ago than this is complete at first sight. */
  readonly ageMs: number;
}

/**
 * What is known after one more scan. A copy in progress keeps changing size and mtime; until it lies still the state
 * before it stays in force. Tools that give a copy its original's mtime do so at the end, and give the folder's back
 * last of all, so an old date is a sign of completeness. Should a copy stall for longer than that, the half file
 * fails to load, and the whole one is loaded when it differs.
 */
export function observe<Content>(
  previous: Stability<Content> | undefined,
  scanned: Scanned<Content>,
  { nowMs, quietMs, ageMs }: StabilityWindow,
): Stability<Content> {
  const isSame = previous?.fingerprint === scanned.fingerprint;
  const isBack = previous?.stable?.fingerprint === scanned.fingerprint;
  const seenSinceMs = isSame ? previous.seenSinceMs : nowMs;
  const isStable = isBack || nowMs - scanned.changedAtMs > ageMs || nowMs - seenSinceMs >= quietMs;
  const stable = isStable ? scanned : previous?.stable;
  return { fingerprint: scanned.fingerprint, seenSinceMs, isStable, ...(stable && { stable }) };
}
