/** Text of a caller or of a file is repeated in messages, logs and headers up to so many characters. */
const usualCharacters = 80;

/** The text, or its beginning with `…` where it is longer. Never half of a surrogate pair. */
export function shortText(text: string, mostCharacters = usualCharacters): string {
  if (text.length <= mostCharacters) return text;
  const end = mostCharacters - 1;
  const last = text.charCodeAt(end - 1);
  return `${text.slice(0, last >= 0xd800 && last < 0xdc00 ? end - 1 : end)}…`;
}

/** How many items of an array are shown. */
const shownItems = 8;

/** A value as a message repeats it: JSON, shortened before it is written, so that it costs no more than what is shown. */
export function shownValue(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(shortText(value));
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) {
    const items = value.slice(0, shownItems).map(shownItem);
    return `[${[...items, ...(value.length > shownItems ? ['…'] : [])].join(',')}]`;
  }
  return shownItem(value);
}

function shownItem(value: unknown): string {
  if (Array.isArray(value)) return '[…]';
  if (typeof value === 'object' && value !== null) return '{…}';
  return typeof value === 'string' ? JSON.stringify(shortText(value, 20)) : String(value);
}

const longestList = 6;

/** `"a", "b" and 3 more` for a message. */
export function listed(items: readonly (string | number)[]): string {
  const shown = items.length > longestList ? items.slice(0, longestList - 1) : items;
  const text = shown.map((item) => (typeof item === 'string' ? `"${item}"` : String(item))).join(', ');
  return shown.length < items.length ? `${text} and ${items.length - shown.length} more` : text;
}
