const words = (key: string): string[] => key.split(/(?=[A-Z])/).map((word) => word.toLowerCase());

/** `bodyLimitBytes` → `body-limit-bytes`, without the leading dashes. */
export const flagName = (key: string): string => words(key).join('-');

/** `bodyLimitBytes` → `SLIPWAY_BODY_LIMIT_BYTES`. */
export const variableName = (key: string): string => `SLIPWAY_${words(key).join('_').toUpperCase()}`;
