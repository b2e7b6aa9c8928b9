/** Top folders of the machines that servers run on. Names inside models begin with a slash, too: `/encoder/MatMul`. */
const usualRoots: readonly string[] = [
  ...['app', 'bin', 'boot', 'cache', 'data', 'dev', 'etc', 'home', 'lib', 'lib64', 'media', 'mnt', 'models', 'nix'],
  ...['opt', 'private', 'proc', 'root', 'run', 'sbin', 'snap', 'srv', 'sys', 'tmp', 'usr', 'Users', 'var', 'work'],
  ...['workspace'],
];

/** A path in quotes, which may hold anything, or one that ends where no path goes on. */
const path =
  /(?<quote>['"`])(?<quoted>\/(?:(?!\k<quote>)[^\n])+)\k<quote>|(?<![\w./:\\-])(?<plain>\/[^\s'"`,;:()<>[\]{}]+)/g;

/**
 * The text with the last name of each of the server's own paths in the path's place: callers are told which file is meant,
 * not where it lies. `roots`: further top folders that paths may begin with.
 */
export function withoutPaths(text: string, roots: readonly string[] = []): string {
  return text.replace(path, (whole, ...match) => {
    const { quote = '', quoted, plain } = match.at(-1) as { quote?: string; quoted?: string; plain?: string };
    const names = (quoted ?? plain ?? '').split('/').filter((name) => name !== '');
    const [root = ''] = names;
    if (names.length < 2 || !(usualRoots.includes(root) || roots.includes(root))) return whole;
    return `${quote}${names.at(-1)}${quote}`;
  });
}

/** The top folders of absolute paths. */
export const rootsOf = (paths: readonly (string | undefined)[]): string[] =>
  paths.flatMap((one) => /^\/([^/]+)/.exec(one ?? '')?.[1] ?? []);
