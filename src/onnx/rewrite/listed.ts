const longestList = 6;

/** `"a", "b" and 3 more` for a message. */
export function listed(items: readonly (string | number)[]): string {
  const shown = items.length > longestList ? items.slice(0, longestList - 1) : items;
  const text = shown.map((item) => (typeof item === 'string' ? `"${item}"` : String(item))).join(', ');
  return shown.length < items.length ? `${text} and ${items.length - shown.length} more` : text;
}
