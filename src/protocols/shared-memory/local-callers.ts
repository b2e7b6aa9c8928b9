import type { AccessCall } from '../../access/access.js';
import type { CallHeaders, CallSource } from '../../access/call-source.js';
import { loopbackDenial } from '../../access/loopback-rule.js';

const hint = 'programs there call localhost or an IP address themselves; shared memory is for nobody else';

/** What is for programs on this machine, whoever may control models. */
export const shareMemory = (action: string) =>
  ({ scope: 'control', action, onlyLocal: hint }) as const satisfies Partial<AccessCall>;

interface LocatedCall {
  readonly headers: CallHeaders;
  readonly peer?: Omit<CallSource, 'headers'> | undefined;
}

/** Whether an inference request comes from a program on this machine. */
export const isLocalCall = ({ headers, peer }: LocatedCall): boolean =>
  peer !== undefined &&
  loopbackDenial({ headers, ...peer }, 'infer', { allowed: 'loopback', whyNot: '', hint }) === undefined;
