import { isIP } from 'node:net';
import { hostname } from 'node:os';
import { ServingError } from '../core/serving-error.js';
import { type CallSource, isLoopbackAddress, passedOnBy } from './call-source.js';
import { foreignPage } from './foreign-page.js';

/** Who may do something without saying who they are: `loopback` is whoever calls from this machine. */
export type Allowed = boolean | 'loopback';

/** Names under which this machine may be called besides `localhost` and IP addresses. */
export type OwnNames = ReadonlySet<string>;

/** What is not for everybody, in the words of its setting. */
export interface LoopbackRule {
  readonly allowed: Allowed;
  /** Why nobody may, where that is so. */
  readonly whyNot: string;
  /** What those can do who may not. */
  readonly hint: string;
}

/**
 * Why a call that is for callers on this machine is denied, `action` first; undefined where it may go on. A web page of
 * another site never is one: a browser sends its requests from the machine of the one who looks at it.
 */
export function loopbackDenial(
  call: CallSource,
  action: string,
  { allowed, whyNot, hint }: LoopbackRule,
  ownNames: OwnNames = namesOfThisMachine,
): ServingError | undefined {
  if (allowed === false) return denied(`${action}: ${whyNot}; ${hint}`);
  const page = pageDenial(call, action);
  if (page !== undefined) return page;
  const { headers, peerAddress } = call;
  const proxy = passedOnBy(call);
  const isLocal = isLoopbackAddress(peerAddress) && proxy === undefined;
  if (isLocal && !isOwnHost(headers.host, ownNames)) {
    return denied(
      `${action}: refused to a call for host ${quoted(headers.host)} that comes from this machine, as a web page of that name might send it; call localhost or an IP address`,
    );
  }
  if (isLocal || allowed === true) return undefined;
  const origin =
    proxy === undefined ? 'this call comes from another one' : `this call was passed on by a proxy (${proxy})`;
  return denied(`${action}: allowed to callers on this machine only, and ${origin}; ${hint}`);
}

/** Why a call of a web page of another site is denied, whoever may do it otherwise. */
export function pageDenial({ headers }: Pick<CallSource, 'headers'>, action: string): ServingError | undefined {
  const page = foreignPage(headers);
  if (page === undefined) return undefined;
  return denied(`${action}: refused to ${page}; call it from a program or this server's own pages`);
}

const namesOfThisMachine: OwnNames = new Set([hostname().toLowerCase()]);

export const denied = (message: string): ServingError =>
  new ServingError('PERMISSION_DENIED', message, { denial: { reason: 'not-allowed' } });

/** Any other name may be one whose owner lets it point to this machine for a moment. */
function isOwnHost(header: string | string[] | undefined, ownNames: OwnNames): boolean {
  if (typeof header !== 'string') return false;
  const name = /^(?:\[([^\]]*)\]|([^:]*))(?::\d*)?$/.exec(header.toLowerCase());
  const host = name?.[1] ?? name?.[2]?.replace(/\.$/, '') ?? '';
  return isIP(host) !== 0 || host === 'localhost' || host.endsWith('.localhost') || ownNames.has(host);
}

const quoted = (header: string | string[] | undefined): string => JSON.stringify(String(header ?? '').slice(0, 100));
