import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/** Which processors the server and the load generator run on. */
export interface CorePlan {
  /** Undefined where processes cannot be pinned: no `taskset`, or one core only. */
  readonly server: readonly number[] | undefined;
  readonly generator: readonly number[] | undefined;
  /** All that this program may use. */
  readonly all: readonly number[] | undefined;
  readonly count: number;
}

/** The server gets the first core, the generator the last one. */
export function planCores(): CorePlan {
  const all = allowedCores();
  const isPinnable = all.length > 1 && spawnSync('taskset', ['--version']).status === 0;
  if (!isPinnable) return { server: undefined, generator: undefined, all: undefined, count: availableParallelism() };
  return { server: all.slice(0, 1), generator: all.slice(-1), all, count: all.length };
}

/** The command that runs `argv` on these cores; undefined leaves them to the system. */
export function pinned(argv: readonly string[], cores: readonly number[] | undefined): readonly string[] {
  return cores === undefined ? argv : ['taskset', '--cpu-list', cores.join(','), ...argv];
}

function allowedCores(): number[] {
  const status = readStatus();
  const list = /^Cpus_allowed_list:\s*(\S+)/m.exec(status)?.[1];
  if (list === undefined) return [];
  return list.split(',').flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}

function readStatus(): string {
  try {
    return readFileSync('/proc/self/status', 'utf8');
  } catch {
    return '';
  }
}
