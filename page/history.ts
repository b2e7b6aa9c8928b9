/** One of one's own requests; pictures are not kept. */
export interface Asked {
  readonly model: string;
  readonly body: string;
  readonly at: number;
  readonly status: number;
}

const place = 'slipway-history';
const most = 20;
const longestKept = 6000;

export function readHistory(): readonly Asked[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(place) ?? '[]');
    return Array.isArray(kept) ? (kept as Asked[]) : [];
  } catch {
    return [];
  }
}

/** The same request counts once, with its latest answer. */
export function remember(asked: Asked): readonly Asked[] {
  if (asked.body.length > longestKept) return readHistory();
  const others = readHistory().filter(({ model, body }) => model !== asked.model || body !== asked.body);
  const kept = [asked, ...others].slice(0, most);
  try {
    localStorage.setItem(place, JSON.stringify(kept));
  } catch {
    // Full, or forbidden: what was asked is forgotten with the page.
  }
  return kept;
}

export function forgetAll(): readonly Asked[] {
  localStorage.removeItem(place);
  return [];
}
