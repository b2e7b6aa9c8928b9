import { lstat, readlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/**
 * Where `/proc` shows another process's root, working folder or file. It reads as a link, but its text is the other
 * process's name for the place: here it leads elsewhere or nowhere.
 */
const throughProcess = /^\/proc\/(?:self|thread-self|\d+)(?:\/task\/\d+)?\/(?:root|cwd|fd\/\d+)(?=\/|$)/;

const mostLinks = 40;

/** Whether the path leads through another process, as where KServe serves models out of an image (modelcar). */
export const leadsThroughProcess = (path: string): boolean => throughProcess.test(path);

/**
 * The absolute path without links, as `realpath` gives it, but what lies beyond another process's root keeps its name by way
 * of that process. Rejects as `realpath` does.
 */
export async function realPath(path: string): Promise<string> {
  const rest = partsOf(path);
  let current = '/';
  let links = 0;
  for (let part = rest.shift(); part !== undefined; part = rest.shift()) {
    if (part === '..') {
      // Above a root that is another process's nothing is known.
      current = leadsThroughProcess(current) && isEntrance(current) ? '/' : dirname(current);
      continue;
    }
    const next = join(current, part);
    const isLink = !isEntrance(next) && (await lstat(next)).isSymbolicLink();
    if (!isLink) {
      current = next;
      continue;
    }
    if (++links > mostLinks)
      throw Object.assign(new Error(`ELOOP: too many links, realpath '${path}'`), { code: 'ELOOP' });
    const target = await readlink(next);
    rest.unshift(...partsOf(target));
    // The system follows absolute links from this process's own root, wherever they are met.
    if (target.startsWith('/')) current = '/';
  }
  return current;
}

const partsOf = (path: string): string[] => path.split('/').filter((part) => part !== '' && part !== '.');

const isEntrance = (path: string): boolean => throughProcess.exec(path)?.[0] === path;
