import { hash } from 'node:crypto';
import { errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { type Scope, scopes } from '../core/access.js';
import { ServingError } from '../core/serving-error.js';
import type { Identity } from './api-keys.js';
import type { TokenVerifier } from './authentication.js';
import { badCredential } from './credential.js';

export interface JsonWebTokensOptions {
  readonly issuer: string;
  readonly audience: string;
  /** The claim that lists scopes, as a text with spaces or as an array. */
  readonly scopeClaim: string;
  /** The issuer's keys. */
  readonly keys: JWTVerifyGetKey;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** Signatures that need a key of the issuer's: neither `none` nor those whose key everybody would have to know. */
const algorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];
const clockToleranceSeconds = 30;
/** A key that the issuer gave up is no longer believed after so long. */
const longestMemoryMs = 300_000;
const mostRemembered = 1000;
const compactToken = /^[\w-]+\.[\w-]+\.[\w-]*$/;
/** What an issuer may put before a scope to tell it from others'. */
const scopePrefix = /^slipway[:./]/;

interface Remembered {
  readonly identity: Identity;
  readonly untilMs: number;
}

/** Tokens of one issuer. One that was seen before is not verified again, for five minutes and until it expires. */
export class JsonWebTokens implements TokenVerifier {
  readonly #options: JsonWebTokensOptions;
  readonly #now: () => number;
  /** By their SHA-256. */
  readonly #remembered = new Map<string, Remembered>();

  constructor(options: JsonWebTokensOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  reads(text: string): boolean {
    return compactToken.test(text);
  }

  verify(token: string): Identity | Promise<Identity | ServingError> {
    const digest = hash('sha256', token, 'base64');
    const known = this.#remembered.get(digest);
    if (known !== undefined && this.#now() < known.untilMs) return known.identity;
    return this.#verify(token, digest);
  }

  async #verify(token: string, digest: string): Promise<Identity | ServingError> {
    const { issuer, audience, keys } = this.#options;
    const nowMs = this.#now();
    try {
      const { payload } = await jwtVerify(token, keys, {
        issuer,
        audience,
        algorithms,
        clockTolerance: clockToleranceSeconds,
        currentDate: new Date(nowMs),
        requiredClaims: ['exp'],
      });
      const identity = this.#identityOf(payload);
      const expiresAtMs = (Number(payload.exp) + clockToleranceSeconds) * 1000;
      this.#remember(digest, { identity, untilMs: Math.min(expiresAtMs, nowMs + longestMemoryMs) });
      return identity;
    } catch (error) {
      return denialOf(error);
    }
  }

  #remember(digest: string, remembered: Remembered): void {
    const [oldest] = this.#remembered.keys();
    if (this.#remembered.size >= mostRemembered && oldest !== undefined) this.#remembered.delete(oldest);
    this.#remembered.set(digest, remembered);
  }

  #identityOf(payload: JWTPayload): Identity {
    const claimed = payload[this.#options.scopeClaim];
    const texts = Array.isArray(claimed) ? claimed.map(String) : String(claimed ?? '').split(' ');
    const granted = texts.map((text) => text.replace(scopePrefix, '')).filter(isScope);
    return { id: idOf(payload), scopes: new Set(granted), mayUse: () => true, takeRequest: () => undefined };
  }
}

const isScope = (text: string): text is Scope => (scopes as readonly string[]).includes(text);

/** No key has a colon in its id. */
const idOf = ({ sub, azp, client_id: client }: JWTPayload): string =>
  `jwt:${String(sub ?? azp ?? client ?? '')
    .replaceAll(/[^\w.@:-]/g, '_')
    .slice(0, 64)}`;

function denialOf(error: unknown): ServingError {
  if (error instanceof errors.JWTExpired) return badCredential('the token has expired', error);
  if (error instanceof errors.JWTClaimValidationFailed) {
    const words =
      error.claim === 'nbf' ? 'is not valid yet' : `has another "${error.claim}" than is expected here, or none`;
    return badCredential(`the token ${words}`, error);
  }
  if (error instanceof errors.JOSEAlgNotAllowed || error instanceof errors.JOSENotSupported) {
    return badCredential('the token is signed by an algorithm that is not accepted, or not at all', error);
  }
  if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWSSignatureVerificationFailed) {
    return badCredential('the token is not signed by a key of the issuer', error);
  }
  const isMalformed = error instanceof errors.JWTInvalid || error instanceof errors.JWSInvalid;
  if (isMalformed) return badCredential('this is not a token that can be read', error);
  return new ServingError('UNAVAILABLE', "the issuer's keys, which tokens are verified by, cannot be had now", {
    cause: error,
    retryAfterSeconds: 5,
  });
}
