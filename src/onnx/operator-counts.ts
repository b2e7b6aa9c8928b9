import { type ModelOutline, type NodeOutline, visitGraphs } from './model-outline.js';

/** Domain → operator → how many nodes use it, in every graph and function of the file. */
export type OperatorCounts = ReadonlyMap<string, ReadonlyMap<string, number>>;

export function countOperators({ graph, functions }: ModelOutline): OperatorCounts {
  const counts = new Map<string, Map<string, number>>();
  const count = ({ domain, operator }: NodeOutline): void => {
    const name = domain || 'ai.onnx';
    const operators = counts.get(name) ?? new Map<string, number>();
    operators.set(operator, (operators.get(operator) ?? 0) + 1);
    counts.set(name, operators);
  };
  visitGraphs(graph, ({ nodes }) => nodes.forEach(count));
  for (const { nodes } of functions) nodes.forEach(count);
  return counts;
}
