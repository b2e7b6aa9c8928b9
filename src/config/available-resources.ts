import { readFileSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { cpuCgroupFolders } from './cgroup-folders.js';

export interface System {
  /** Cores that the scheduler may put this process on, cpusets and affinity counted. */
  readonly parallelism: number;
  /** A file's text; undefined when there is none. */
  read(path: string): string | undefined;
}

/**
 * Processor cores that this container may keep busy, at least 1. Parts of a core are left out: the worker process
 * lives on them, and threads beyond the quota are stopped for the rest of each period, which costs latency.
 */
export function availableCores(system: System = thisSystem()): number {
  return Math.max(1, Math.min(system.parallelism, Math.floor(cpuQuota(system))));
}

/** The tightest limit on processor time, in cores; Infinity when there is none. */
function cpuQuota({ read }: System): number {
  const cgroups = cpuCgroupFolders(read('/proc/self/cgroup') ?? '', read('/proc/self/mountinfo') ?? '');
  const quotas = cgroups.flatMap(({ version, folders }) =>
    folders.map((folder) =>
      version === 2
        ? parseCpuMax(read(`${folder}/cpu.max`) ?? '')
        : parseCpuMax(`${read(`${folder}/cpu.cfs_quota_us`)?.trim()} ${read(`${folder}/cpu.cfs_period_us`)?.trim()}`),
    ),
  );
  return Math.min(Infinity, ...quotas);
}

/** `150000 100000` is 1.5 cores; `max 100000`, `-1 100000` and anything else are no limit. */
export function parseCpuMax(text: string): number {
  const [, quota, period] = /^(\d+) (\d+)$/.exec(text.trim()) ?? [];
  return Number(quota) > 0 && Number(period) > 0 ? Number(quota) / Number(period) : Infinity;
}

function thisSystem(): System {
  return {
    parallelism: availableParallelism(),
    read(path) {
      try {
        return readFileSync(path, 'utf8');
      } catch {
        return undefined;
      }
    },
  };
}

/** Bytes that this container may use: its limit where it has one, else the machine's memory. */
export function availableMemory(limit = process.constrainedMemory(), machine = totalmem()): number {
  // Without a limit there is 0, or a number that no machine has.
  return limit !== undefined && limit > 0 && limit < machine ? limit : machine;
}
