import type { Random } from '../support/random.js';
import type { RowGraph } from './row-graph.js';

/** A kind of model of which a seed makes one. */
export interface RowKind {
  readonly name: string;
  /** Whether a row's answer can change with the rows beside it. */
  readonly couples: boolean;
  /** The engine itself allows no shared runs here, or only by more than is worth it: batched or not, both are right. */
  readonly batchingIsFree?: boolean;
  readonly opset?: number;
  /** Writes nodes, inputs and outputs. */
  readonly build: (graph: RowGraph, random: Random) => void;
}

export const coupled = (build: Readonly<Record<string, RowKind['build']>>): RowKind[] =>
  Object.entries(build).map(([name, write]) => ({ name, couples: true, build: write }));

export const independent = (build: Readonly<Record<string, RowKind['build']>>): RowKind[] =>
  Object.entries(build).map(([name, write]) => ({ name, couples: false, build: write }));
