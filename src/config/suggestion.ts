import { nearestName } from '../core/nearest-name.js';

/** `; did you mean X?`, or nothing where no known name is near. A name without its unit or its end is near, too. */
export function suggestion(name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known) ?? known.find((candidate) => name.length > 2 && candidate.startsWith(name));
  return nearest === undefined ? '' : `; did you mean ${nearest}?`;
}
