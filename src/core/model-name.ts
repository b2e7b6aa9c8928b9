/** What a model may be called: it stands in URLs, metrics and paths as it is. */
export const modelNamePattern = '^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$';

const expression = new RegExp(modelNamePattern);

export const isModelName = (name: string): boolean => expression.test(name);
