/** A process as far as it matters to who might move in. */
export interface Lodging {
  /** Whether new tenants may still be sent there. */
  readonly isOpen: boolean;
  readonly tenantCount: number;
}

export interface PlacementPolicy {
  /** Tenants that may share have processes of their own until there are this many of these. */
  readonly ownProcesses: number;
  /** Those beyond are spread over this many. */
  readonly sharedProcesses: number;
}

export interface Applicant {
  /** It may live in one process with others once there are many. */
  readonly mayShare: boolean;
  /** It has ended a process: isolation is for those that need it. */
  readonly alone: boolean;
}

export interface PlacementWorld<Process extends Lodging> {
  /** How many have a process of their own now. */
  readonly own: number;
  readonly shared: Iterable<Process>;
}

/** Where a tenant goes: into a process of its own, into a new one that others will share, or into one that is there. */
export function placement<Process extends Lodging>(
  policy: PlacementPolicy,
  { mayShare, alone }: Applicant,
  { own, shared }: PlacementWorld<Process>,
): 'own' | 'new shared' | Process {
  if (!mayShare || alone || own < policy.ownProcesses) return 'own';
  const open = [...shared].filter(({ isOpen }) => isOpen);
  if (open.length < policy.sharedProcesses) return 'new shared';
  return open.reduce((least, process) => (process.tenantCount < least.tenantCount ? process : least));
}
