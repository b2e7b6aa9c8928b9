import { nearestName } from '../core/nearest-name.js';

const words = (key: string): string[] => key.split(/(?=[A-Z])/).map((word) => word.toLowerCase());

/** `bodyLimitBytes` → `body-limit-bytes`, without the leading dashes. */
export const flagName = (key: string): string => words(key).join('-');

/** `bodyLimitBytes` → `SLIPWAY_BODY_LIMIT_BYTES`. */
export const variableName = (key: string): string => `SLIPWAY_${words(key).join('_').toUpperCase()}`;

/** `; did you mean X?`, or nothing where no known name is near. A name without its unit or its end is near, too. */
export function suggestion(name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known) ?? known.find((candidate) => name.length > 2 && candidate.startsWith(name));
  return nearest === undefined ? '' : `; did you mean ${nearest}?`;
}
