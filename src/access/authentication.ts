import { ServingError } from '../core/serving-error.js';
import type { ServingObserver } from '../core/serving-observer.js';
import type { ApiKeys, Identity } from './api-keys.js';
import type { CallHeaders } from './call-source.js';
import { badCredential, credentialOf } from './credential.js';

/** Tells whose a token is that is no key. */
export interface TokenVerifier {
  /** Whether the text is a token at all. */
  reads(text: string): boolean;
  /** At once where it was seen before. */
  verify(token: string): Identity | ServingError | Promise<Identity | ServingError>;
}

export interface AuthenticationOptions {
  readonly keys?: ApiKeys | undefined;
  readonly tokens?: TokenVerifier | undefined;
}

/** Tells who calls, by what the call brings. */
export class Authentication {
  readonly #keys: ApiKeys | undefined;
  readonly #tokens: TokenVerifier | undefined;
  /** Counts answered rows against their callers' rates. */
  readonly observer: ServingObserver;

  constructor({ keys, tokens }: AuthenticationOptions) {
    this.#keys = keys;
    this.#tokens = tokens;
    this.observer = {
      requestFinished: ({ principal, rows }) => {
        if (principal !== undefined && rows !== undefined) keys?.rowsAnswered(principal, rows);
      },
    };
  }

  identify(headers: CallHeaders): Identity | ServingError | Promise<Identity | ServingError> {
    const credential = credentialOf(headers);
    if (credential instanceof ServingError) return credential;
    const key = this.#keys?.find(credential);
    if (key !== undefined) return key;
    return this.#tokens?.reads(credential) ? this.#tokens.verify(credential) : unknownKey;
  }
}

const unknownKey = badCredential('this key is not known here');
