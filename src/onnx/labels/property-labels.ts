/** Keys under which exporters and their users keep class names. */
const classKeys = [
  'names',
  'classes',
  'class_names',
  'class_labels',
  'classlabels',
  'labels',
  'id2label',
  'categories',
];
const featureKeys = ['feature_names', 'features', 'input_features', 'columns'];

export const classNamesIn = (properties: ReadonlyMap<string, string>): readonly string[] =>
  namesUnder(classKeys, properties);

export const featureNamesIn = (properties: ReadonlyMap<string, string>): readonly string[] =>
  namesUnder(featureKeys, properties);

function namesUnder(keys: readonly string[], properties: ReadonlyMap<string, string>): readonly string[] {
  for (const [key, text] of properties) {
    if (!keys.includes(key.toLowerCase())) continue;
    const names = parseNames(text);
    if (names.length > 0) return names;
  }
  return [];
}

/** A JSON list or object of names, the same as Python prints it, or names between commas or on lines of their own. */
export function parseNames(text: string): readonly string[] {
  const trimmed = text.trim();
  if (trimmed.startsWith('{')) return namesByPosition(trimmed);
  if (/^[[(]/.test(trimmed)) return [...trimmed.matchAll(quoted)].map(unquote);
  return trimmed.split(trimmed.includes('\n') ? '\n' : ',').map((name) => name.trim());
}

const quoted = /'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"/g;
const numbered = /(?:^|[{,])\s*["']?(\d+)["']?\s*:\s*('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")/g;

/** Empty where the keys are not the numbers from 0 on. */
function namesByPosition(text: string): readonly string[] {
  const entries = [...text.matchAll(numbered)].map(
    ([, position, name = '']) => [Number(position), unquote([name])] as const,
  );
  const names = entries.sort(([left], [right]) => left - right);
  return names.every(([position], index) => position === index) ? names.map(([, name]) => name) : [];
}

const unquote = ([text]: readonly string[]): string => (text ?? '').slice(1, -1).replaceAll(/\\(.)/g, '$1');
