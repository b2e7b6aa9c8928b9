import type { Principal, Scope } from '../core/access.js';
import { ServingError } from '../core/serving-error.js';
import type { ServingObserver } from '../core/serving-observer.js';
import { shortText } from '../core/short-text.js';
import type { Identity } from './api-keys.js';
import type { Authentication } from './authentication.js';
import type { CallSource } from './call-source.js';
import { type Allowed, type LoopbackRule, loopbackDenial, pageDenial } from './loopback-rule.js';

/** A call as whichever protocol brought it. */
export interface AccessCall extends CallSource {
  readonly scope: Scope;
  /** What it is about to do, for messages: `unload`. */
  readonly action: string;
  /** The model it names, as it is looked up. */
  readonly model?: string | undefined;
  /** Given where the call is for programs on this machine alone, whoever they are: what others can do. */
  readonly onlyLocal?: string | undefined;
  readonly requestId: string;
  /** Whether it came to a port that is there for operators alone. */
  readonly isManagement?: boolean | undefined;
}

export type Verdict = Principal | ServingError;

export interface AccessOptions {
  /** Who may control models, and who see metrics, where callers need not say who they are. */
  readonly modelControl: Allowed;
  readonly metricsAccess: Allowed;
  /** Given where callers have to say who they are. */
  readonly authentication?: Authentication | undefined;
  /** Told of calls that are denied. */
  readonly observer?: ServingObserver;
}

/** Whoever calls where nobody is asked. */
export const anyone: Principal = { id: undefined, mayUse: () => true };

/**
 * Who may call what, whatever the protocol. Without authentication inference and reading are everybody's, control and
 * metrics are by their settings. With it every call needs a key or token of its scope; `modelControl: false` still holds.
 * A promise is given only where a token has to be verified that was not seen before.
 */
export class Access {
  readonly #authentication: Authentication | undefined;
  readonly #observer: ServingObserver;
  readonly #rules: Readonly<Record<'control' | 'metrics', LoopbackRule>>;

  constructor({ modelControl, metricsAccess, authentication, observer = {} }: AccessOptions) {
    this.#observer = observer;
    this.#authentication = authentication;
    this.#rules = {
      control: { allowed: modelControl, whyNot: "this server's models follow its repository", hint: howToControl },
      metrics: { allowed: metricsAccess, whyNot: 'this server shows no metrics here', hint: howToSeeMetrics },
    };
  }

  /** Whether inference needs a key or a token: where it does not, its callers need not be asked at all. */
  get authenticates(): boolean {
    return this.#authentication !== undefined;
  }

  /** Whether the call may go on, and whose it is. A request that may is counted against the caller's rate. */
  admit(call: AccessCall): Verdict | Promise<Verdict> {
    const verdict = this.#check(call, (identity) => identity.takeRequest() ?? identity);
    return verdict instanceof Promise
      ? verdict.then((settled) => this.#told(call, settled))
      : this.#told(call, verdict);
  }

  /** Whether the caller is known, when it is not known yet what the call is about; `admit` follows. */
  authenticate(call: AccessCall): Verdict | Promise<Verdict> {
    const known = this.#authentication?.identify(call.headers) ?? anyone;
    return known instanceof Promise ? known.then((settled) => this.#told(call, settled)) : this.#told(call, known);
  }

  /** As `admit`, of a call that is not made. */
  check(call: AccessCall): Verdict | Promise<Verdict> {
    return this.#check(call, (identity) => identity);
  }

  #told({ scope, requestId }: AccessCall, verdict: Verdict): Verdict {
    if (verdict instanceof ServingError) {
      this.#observer.callDenied?.({ scope, requestId, code: verdict.code, reason: verdict.message });
    }
    return verdict;
  }

  #check(call: AccessCall, pass: (identity: Identity) => Verdict): Verdict | Promise<Verdict> {
    const denial = this.#denialOf(call);
    if (denial !== undefined) return denial;
    if (this.#authentication === undefined) return anyone;
    const identity = this.#authentication.identify(call.headers);
    const decide = (known: Identity | ServingError): Verdict =>
      known instanceof ServingError ? known : (scopeDenial(known, call) ?? pass(known));
    return identity instanceof Promise ? identity.then(decide) : decide(identity);
  }

  /** By where the call comes from. */
  #denialOf(call: AccessCall): ServingError | undefined {
    const { scope, action, onlyLocal, isManagement = false } = call;
    if (onlyLocal !== undefined)
      return loopbackDenial(call, action, { allowed: 'loopback', whyNot: '', hint: onlyLocal });
    if (scope === 'infer' || scope === 'read') return undefined;
    const rule = this.#rules[scope];
    if (rule.allowed !== false) {
      // Metrics change nothing, and a page cannot read what it was not let: only who is on this machine is to be told apart.
      if (scope === 'metrics' && (this.authenticates || isManagement || rule.allowed === true)) return undefined;
      if (this.authenticates) return pageDenial(call, action);
    }
    return loopbackDenial(call, action, rule);
  }
}

function scopeDenial(identity: Identity, { scope, action, model }: AccessCall): ServingError | undefined {
  if (!identity.scopes.has(scope)) {
    return new ServingError('PERMISSION_DENIED', `${action}: ${identity.id} lacks the scope "${scope}"`, {
      denial: { reason: 'missing-scope', scope },
    });
  }
  return model === undefined ? undefined : modelDenial(identity, model, action);
}

const howToControl =
  'start the server with --model-control (SLIPWAY_MODEL_CONTROL=true) to allow it to everybody who reaches this port, or with --keys to allow it to those who have a key';
const howToSeeMetrics =
  'start the server with --metrics-access (SLIPWAY_METRICS_ACCESS=true) to allow it to everybody who reaches this port, or with --keys to allow it to those who have a key';

/** Why a model is not for this caller, who asks for `action`; undefined where it is. */
export function modelDenial(
  principal: Pick<Principal, 'id' | 'mayUse'> | null,
  model: string,
  action: string,
): ServingError | undefined {
  if (principal === null || principal.mayUse(model)) return undefined;
  return new ServingError(
    'PERMISSION_DENIED',
    `${action}: ${principal.id} is not for the model "${shortText(model)}"`,
    {
      denial: { reason: 'not-allowed' },
    },
  );
}
