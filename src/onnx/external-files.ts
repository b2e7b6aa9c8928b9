import { stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, normalize, sep } from 'node:path';
import { type GraphOutline, visitGraphs } from './model-outline.js';

/** A file beside the model that holds tensors of it. */
export interface ExternalFile {
  /** As the model names it, relative to the model's folder. */
  readonly location: string;
  readonly path: string;
  readonly bytes: number;
  /** Why it cannot be read. */
  readonly problem?: string;
}

/** The files that the graph's tensors lie in, each once, sorted by name. */
export async function findExternalFiles(modelPath: string, graph: GraphOutline): Promise<readonly ExternalFile[]> {
  /** Location → the bytes its file must have. */
  const needed = new Map<string, number>();
  visitGraphs(graph, ({ initializers, nodes }) => {
    const tensors = nodes.flatMap((node) => node.attributes.flatMap((attribute) => attribute.tensors));
    for (const { external } of [...initializers, ...tensors]) {
      if (external === undefined) continue;
      const end = external.offset + (external.length ?? 0);
      needed.set(external.location, Math.max(needed.get(external.location) ?? 0, end));
    }
  });
  const locations = [...needed].sort(([left], [right]) => (left < right ? -1 : 1));
  return Promise.all(locations.map(([location, bytes]) => inspect(modelPath, location, bytes)));
}

async function inspect(modelPath: string, location: string, neededBytes: number): Promise<ExternalFile> {
  const path = join(dirname(modelPath), location);
  const refused = (problem: string): ExternalFile => ({ location, path, bytes: 0, problem });
  if (isAbsolute(location) || normalize(location).split(sep)[0] === '..' || location.includes('\0')) {
    return refused("lies outside the model's folder, which is not allowed; put it beside the model file");
  }
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return refused('is missing; copy it beside the model file');
  if (!found.isFile()) return refused('is not a file');
  if (found.size < neededBytes) {
    const problem = `has ${found.size} bytes where the model needs ${neededBytes}; copy it again`;
    return { location, path, bytes: found.size, problem };
  }
  return { location, path, bytes: found.size };
}
