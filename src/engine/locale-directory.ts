import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const systemDirectory = '/usr/lib/locale';
/** What StringNormalizer asks for unless its node says otherwise, as every text pipeline from scikit-learn does. */
const wanted = 'en_US.UTF-8';

export interface LocaleDirectory {
  readonly path: string;
  remove(): void;
}

/**
 * A directory for `LOCPATH` in which the system's C.UTF-8, which every glibc image has, also answers to en_US.UTF-8:
 * for character classes and case, all that models use, the two are alike. Undefined where the system has the locale
 * itself, has no C.UTF-8, or gives no place for the directory.
 */
export function makeLocaleDirectory(parent = tmpdir()): LocaleDirectory | undefined {
  const names = existsSync(systemDirectory) ? readdirSync(systemDirectory) : [];
  const stand = names.find(isNamed('c.utf8'));
  if (stand === undefined || names.some(isNamed('en_us.utf8')) || isInArchive(names)) return undefined;
  try {
    const path = mkdtempSync(join(parent, 'slipway-locale-'));
    for (const name of names) symlinkSync(join(systemDirectory, name), join(path, name));
    symlinkSync(join(systemDirectory, stand), join(path, wanted));
    return removable(path);
  } catch {
    return undefined;
  }
}

/** Also removed when the process exits without a word. */
function removable(path: string): LocaleDirectory {
  const remove = (): void => {
    process.off('exit', remove);
    rmSync(path, { recursive: true, force: true });
  };
  process.once('exit', remove);
  return { path, remove };
}

const normalized = (locale: string): string => locale.toLowerCase().replace('utf-8', 'utf8');

const isNamed = (locale: string) => (name: string) => normalized(name) === locale;

/** Locales that were generated on the system lie together in one archive, which only the C library reads. */
function isInArchive(names: readonly string[]): boolean {
  if (!names.includes('locale-archive')) return false;
  const { stdout } = spawnSync('locale', ['-a'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  return (stdout ?? '').split('\n').some(isNamed('en_us.utf8'));
}
