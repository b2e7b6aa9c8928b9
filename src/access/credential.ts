import { ServingError } from '../core/serving-error.js';
import type { CallHeaders } from './call-source.js';

/** No key and no token is longer; what is, is not hashed. */
const longestCharacters = 8192;
const authorization = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+)(?: +(.*))?$/;
/** Any other word may be the key itself. */
const otherSchemes = /^(basic|digest|negotiate|ntlm|token|apikey)$/i;
const printable = /^[\x21-\x7e]+$/;

/** The key or token that a call brings, as `Authorization: Bearer` or as `X-API-Key`; or why there is none. */
export function credentialOf(headers: CallHeaders): string | ServingError {
  const { authorization: bearer, 'x-api-key': key } = headers;
  if (bearer === undefined) return key === undefined ? noCredential : checked(key, 'x-api-key');
  const token = bearerToken(bearer);
  if (key === undefined || token instanceof ServingError || token === key) return token;
  return badCredential('headers authorization and x-api-key do not say the same; send one of them');
}

function bearerToken(header: string | string[]): string | ServingError {
  if (typeof header !== 'string') return checked(header, 'authorization');
  const [, scheme = '', token = ''] = authorization.exec(header) ?? [];
  if (scheme.toLowerCase() === 'bearer') return checked(token.trim(), 'authorization');
  const came = otherSchemes.test(scheme) ? `, got the scheme ${scheme}` : '';
  return badCredential(`header authorization: expected "Bearer KEY"${came}`);
}

/** What is shown of it is nothing. */
function checked(text: string | string[], header: string): string | ServingError {
  if (typeof text !== 'string') return badCredential(`header ${header}: came ${text.length} times; send it once`);
  if (text === '') return badCredential(`header ${header}: the key is empty`);
  if (text.length <= longestCharacters && printable.test(text)) return text;
  return badCredential(`header ${header}: no key is longer than ${longestCharacters} characters, or has spaces in it`);
}

/** One for all: in a flood it is told again and again. */
const noCredential = new ServingError(
  'UNAUTHENTICATED',
  'this call needs a key: send it as "Authorization: Bearer KEY" or "X-API-Key: KEY"',
  { denial: { reason: 'no-credentials' } },
);

export const badCredential = (message: string, cause?: unknown): ServingError =>
  new ServingError('UNAUTHENTICATED', message, {
    denial: { reason: 'bad-credentials' },
    ...(cause !== undefined && { cause }),
  });
