import { hash, timingSafeEqual } from 'node:crypto';
import type { AccessKey, Principal, Scope } from '../core/access.js';
import type { ServingError } from '../core/serving-error.js';
import { RateLimit } from './rate-limit.js';

/** A caller that said who it is. */
export interface Identity extends Principal {
  readonly id: string;
  readonly scopes: ReadonlySet<Scope>;
  /** Counts a request against the caller's rate; the reason where that is used up. */
  takeRequest(): ServingError | undefined;
}

interface KnownKey extends Identity {
  readonly digest: Buffer;
  readonly limit: RateLimit;
  readonly rates: string;
}

/** No key has this digest: what is unknown is compared as well, and takes as long. */
const decoy = Buffer.alloc(32);

/**
 * The keys that are valid now, by their SHA-256: the keys themselves are nowhere. A digest finds its candidate in a table,
 * which tells an attacker nothing but about digests, and is then compared in constant time.
 */
export class ApiKeys {
  /** Of what the file says; the servers that share a port have a part each. */
  readonly #share: number;
  #byDigest: ReadonlyMap<string, KnownKey> = new Map();
  #byId: ReadonlyMap<string, KnownKey> = new Map();

  constructor(share = 1) {
    this.#share = share;
  }

  /** Rates that stay the same go on where they were. */
  replace(keys: readonly AccessKey[]): void {
    const known = keys.map((key) => this.#known(key));
    this.#byDigest = new Map(known.map((key) => [key.digest.toString('base64'), key]));
    this.#byId = new Map(known.map((key) => [key.id, key]));
  }

  find(text: string): Identity | undefined {
    const digest = hash('sha256', text, 'base64');
    const key = this.#byDigest.get(digest);
    const isEqual = timingSafeEqual(Buffer.from(digest, 'base64'), key?.digest ?? decoy);
    return isEqual ? key : undefined;
  }

  rowsAnswered(id: string, rows: number): void {
    this.#byId.get(id)?.limit.rowsAnswered(rows);
  }

  #known({ id, sha256, scopes, models, requestsPerSecond, rowsPerSecond }: AccessKey): KnownKey {
    const part = (rate: number | undefined) => (rate === undefined ? undefined : rate * this.#share);
    const before = this.#byId.get(id);
    const rates = `${requestsPerSecond} ${rowsPerSecond}`;
    const limit =
      before?.rates === rates
        ? before.limit
        : new RateLimit(`key "${id}"`, {
            requestsPerSecond: part(requestsPerSecond),
            rowsPerSecond: part(rowsPerSecond),
          });
    const isForAll = models.includes('*');
    return {
      id,
      digest: Buffer.from(sha256, 'hex'),
      scopes: new Set(scopes),
      mayUse: (model) => isForAll || models.some((pattern) => matchesPattern(model, pattern)),
      takeRequest: () => limit.takeRequest(),
      limit,
      rates,
    };
  }
}

/** Whether the name matches the pattern, in which `*` stands for any text. In time that is linear in both. */
export function matchesPattern(name: string, pattern: string): boolean {
  const [first = '', ...parts] = pattern.split('*');
  const last = parts.pop();
  if (last === undefined) return name === pattern;
  if (!name.startsWith(first)) return false;
  let from = first.length;
  for (const part of parts) {
    const at = name.indexOf(part, from);
    if (at < 0) return false;
    from = at + part.length;
  }
  return name.length - last.length >= from && name.endsWith(last);
}
