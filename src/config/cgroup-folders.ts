export interface CgroupFolders {
  readonly version: 1 | 2;
  /** From the process's own group up to the mount point: a limit on any of them holds. */
  readonly folders: readonly string[];
}

/** Where the limits on this process's processor time stand, from `/proc/self/cgroup` and `/proc/self/mountinfo`. */
export function cpuCgroupFolders(cgroupText: string, mountinfoText: string): CgroupFolders[] {
  const groups = cgroupText.split('\n').map((line) => /^(\d+):([^:]*):(.*)$/.exec(line) ?? []);
  return mountinfoText.split('\n').flatMap((line): CgroupFolders[] => {
    const mount = parseMount(line);
    if (mount === undefined) return [];
    const isOurs = ([, , controllers = '']: readonly string[]): boolean =>
      mount.version === 2 ? controllers === '' : controllers.split(',').includes('cpu');
    const path = groups.find((group) => group.length > 0 && isOurs(group))?.[3];
    return path === undefined ? [] : [{ version: mount.version, folders: foldersUpFrom(path, mount) }];
  });
}

interface Mount {
  readonly version: 1 | 2;
  /** The group that appears at `mountPoint`. */
  readonly root: string;
  readonly mountPoint: string;
}

function parseMount(line: string): Mount | undefined {
  const [mounted = '', backing = ''] = line.split(' - ');
  const [type, , options = ''] = backing.split(' ');
  const [, , , root = '/', mountPoint = ''] = mounted.split(' ').map(unescapeOctal);
  if (type === 'cgroup2') return { version: 2, root, mountPoint };
  return type === 'cgroup' && options.split(',').includes('cpu') ? { version: 1, root, mountPoint } : undefined;
}

/** Spaces and the like stand as `\040` in mountinfo. */
const unescapeOctal = (text: string): string =>
  text.replace(/\\([0-7]{3})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 8)));

function foldersUpFrom(path: string, { root, mountPoint }: Mount): string[] {
  const base = root === '/' ? '' : root;
  // Without a cgroup namespace a container is told the host's path, of which it sees the mounted part only.
  const isBelow = (path === base || path.startsWith(`${base}/`)) && !path.includes('/..');
  const steps = isBelow ? path.slice(base.length).split('/').filter(Boolean) : [];
  return Array.from({ length: steps.length + 1 }, (_, up) =>
    [mountPoint, ...steps.slice(0, steps.length - up)].join('/'),
  );
}
