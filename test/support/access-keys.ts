import { createHash } from 'node:crypto';
import { ApiKeys } from '../../src/access/api-keys.js';
import { Authentication } from '../../src/access/authentication.js';
import type { AccessKey, Scope } from '../../src/core/access.js';

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** What a caller of this id sends. */
export const secretOf = (id: string): string => `secret-of-${id}`;

export const accessKey = (id: string, scopes: readonly Scope[], more: Partial<AccessKey> = {}): AccessKey => ({
  id,
  sha256: sha256(secretOf(id)),
  scopes,
  models: ['*'],
  ...more,
});

export function authenticationBy(...keys: readonly AccessKey[]): Authentication {
  const known = new ApiKeys();
  known.replace(keys);
  return new Authentication({ keys: known });
}
