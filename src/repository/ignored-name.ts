/** Folders that file systems and tools put beside the user's own. */
const foreignFolders: ReadonlySet<string> = new Set(['lost+found', '__pycache__', '@eaDir', '__MACOSX']);

/**
 * Whether an entry is no part of any model: hidden ones (`.git`, the `..data` of a mounted ConfigMap, rsync's
 * unfinished copies), unfinished downloads, editors' copies, model cards.
 */
export const isIgnoredName = (name: string): boolean =>
  name.startsWith('.') || foreignFolders.has(name) || /(~|\.(tmp|temp|part|partial|swp|md))$/i.test(name);
