import { stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, normalize, sep } from 'node:path';
import { fileState } from '../core/engine-files.js';
import { type GraphOutline, visitGraphs } from './model-outline.js';
import { tellingStats } from './telling-stats.js';

/** A file beside the model that holds tensors of it. */
export interface ExternalFile {
  /** As the model names it, relative to the model's folder. */
  readonly location: string;
  readonly path: string;
  readonly bytes: number;
  /** Its `fileState` when it was looked at; empty where there is none. */
  readonly state: string;
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
  const rejected = (problem: string): ExternalFile => ({ location, path, bytes: 0, state: '', problem });
  if (isAbsolute(location) || normalize(location).split(sep)[0] === '..' || location.includes('\0')) {
    return rejected("lies outside the model's folder, which is not allowed; put it beside the model file");
  }
  const found = await tellingStats(() => stat(path, { bigint: true })).catch(() => undefined);
  if (found === undefined) return rejected('is missing; copy it beside the model file');
  if (!found.isFile()) return rejected('is not a file');
  const [bytes, state] = [Number(found.size), fileState(found)];
  if (bytes >= neededBytes) return { location, path, bytes, state };
  const problem = `has ${bytes} bytes where the model needs ${neededBytes}; copy it again`;
  return { location, path, bytes, state, problem };
}
