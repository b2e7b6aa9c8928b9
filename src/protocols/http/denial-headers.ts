import type { Denial } from '../../core/access.js';

const realm = 'Bearer realm="slipway"';

/** What HTTP says of a denial beside its status: RFC 6750's challenge, or the rate that was exceeded. */
export function denialHeaders(denial: Denial): Readonly<Record<string, string>> {
  switch (denial.reason) {
    case 'no-credentials':
      return { 'www-authenticate': realm };
    case 'bad-credentials':
      return { 'www-authenticate': `${realm}, error="invalid_token"` };
    case 'missing-scope':
      return { 'www-authenticate': `${realm}, error="insufficient_scope", scope="${denial.scope}"` };
    case 'rate-limit': {
      const { perSecond, resetSeconds } = denial;
      return {
        'ratelimit-limit': String(Math.max(1, Math.floor(perSecond))),
        'ratelimit-remaining': '0',
        'ratelimit-reset': String(Math.max(1, Math.ceil(resetSeconds))),
      };
    }
    case 'not-allowed':
      return {};
  }
}
