import { createLocalJWKSet, createRemoteJWKSet, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import { WatchedFiles } from './watched-files.js';

export interface IssuerKeysOptions {
  /** Path of a JSON web key set, or its `https://…`. */
  readonly source: string;
  /** The keys before stay in force. */
  readonly onProblem: (error: unknown) => void;
}

export interface IssuerKeys {
  readonly find: JWTVerifyGetKey;
  stop(): void;
}

/** How long keys that were fetched are kept; an unknown one is asked for earlier, at most every half minute. */
const cacheMaxAge = 600_000;
const timeoutDuration = 5000;

/** The keys of an issuer of tokens: from a file, as it is now, or from where the issuer publishes them. */
export async function issuerKeys({ source, onProblem }: IssuerKeysOptions): Promise<IssuerKeys> {
  if (/^https?:\/\//.test(source)) {
    return { find: createRemoteJWKSet(new URL(source), { cacheMaxAge, timeoutDuration }), stop: () => undefined };
  }
  let current: JWTVerifyGetKey = () => Promise.reject(new Error('no keys were read'));
  const file = new WatchedFiles({
    paths: [source],
    onTexts: ([text = '']) => {
      current = createLocalJWKSet(JSON.parse(text) as JSONWebKeySet);
    },
    onProblem,
  });
  await file.start();
  return { find: (header, token) => current(header, token), stop: () => file.stop() };
}
