import { readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { lstat, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What this program calls its temporary folders, `mkdtemp`'s six characters behind it. */
const ourName = /^slipway-(?:locale-|doctor-|inspect-)?[A-Za-z0-9]{6}$/;
const markerName = '.slipway-owner.json';

/** Tells a process from every other one, also from a later one with the same id. */
interface Owner {
  readonly pid: number;
  /** Clock ticks from the system's start to the process's. */
  readonly startedAt: string;
  /** In which its id means it. */
  readonly pidNamespace: string;
  /** Of the running system. */
  readonly boot: string;
}

/** Marks a folder that this process has just made as its own. Where the system cannot tell processes apart it stays unmarked. */
export function claimFolder(folder: string): void {
  const owner = ownerOf(process.pid);
  if (owner !== undefined) writeFileSync(join(folder, markerName), JSON.stringify(owner), { flag: 'wx', mode: 0o600 });
}

/**
 * Removes the temporary folders of this program whose process is gone: killed, it could not do that itself. A folder has to
 * have our name, our user and our mark, and the process that the mark names must have been seen from here while it lived.
 * Resolves with how many there were.
 */
export async function clearLeftovers(parent = tmpdir()): Promise<number> {
  const self = ownerOf(process.pid);
  if (self === undefined) return 0;
  let cleared = 0;
  for (const name of await readdir(parent)) {
    if (!ourName.test(name)) continue;
    const folder = join(parent, name);
    if (!(await isLeftover(folder, self).catch(() => false))) continue;
    await rm(folder, { recursive: true, force: true }).then(
      () => cleared++,
      () => undefined,
    );
  }
  return cleared;
}

async function isLeftover(folder: string, self: Owner): Promise<boolean> {
  const stats = await lstat(folder);
  if (!stats.isDirectory() || stats.uid !== process.getuid?.()) return false;
  const { pid, startedAt, pidNamespace, boot } = JSON.parse(await readFile(join(folder, markerName), 'utf8')) as Owner;
  if (!Number.isSafeInteger(pid) || pid <= 0 || typeof startedAt !== 'string') return false;
  if (boot !== self.boot || pidNamespace !== self.pidNamespace) return false;
  return ownerOf(pid)?.startedAt !== startedAt;
}

/** Undefined where there is no such process, or the system does not say. */
function ownerOf(pid: number): Owner | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name of the program, in brackets, may hold anything.
    const startedAt = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    if (startedAt === undefined) return undefined;
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return { pid, startedAt, pidNamespace: readlinkSync('/proc/self/ns/pid'), boot };
  } catch {
    return undefined;
  }
}
