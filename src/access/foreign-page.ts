import type { CallHeaders } from './call-source.js';

/**
 * Which page of another site a browser sent this for, in words; undefined where it was this server's own page, or no
 * browser. Browsers set both headers themselves: no page can leave them out or forge them.
 */
export function foreignPage(headers: CallHeaders): string | undefined {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') {
    return `a web page of another origin (Sec-Fetch-Site: ${short(site)})`;
  }
  const { origin } = headers;
  if (origin === undefined) return undefined;
  const own = hostOf(origin);
  const isAsked = own !== undefined && (own === headers.host || own === first(headers['x-forwarded-host']));
  return isAsked ? undefined : `a web page of another origin (Origin: ${short(origin)})`;
}

/** `host` or `host:port` as the header Host has it; undefined for `null` and for what is no origin. */
function hostOf(origin: string | string[]): string | undefined {
  return typeof origin === 'string' ? /^https?:\/\/([^/]+)$/.exec(origin)?.[1] : undefined;
}

const first = (value: string | string[] | undefined): string | undefined =>
  (Array.isArray(value) ? value[0] : value)?.split(',')[0]?.trim();

const short = (value: string | string[]): string => String(value).slice(0, 100);
