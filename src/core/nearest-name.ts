/** The candidate a mistyped name probably means: at most a third of its letters away (one, in a short name); undefined when none is. */
export function nearestName(name: string, candidates: Iterable<string>): string | undefined {
  // Names longer than this are compared by their beginning: the cost grows with the square.
  const typed = name.slice(0, 128).toLowerCase();
  let nearest: string | undefined;
  // In a name of one letter another letter is another name.
  const furthest = typed.length < 2 ? 0 : Math.max(1, Math.floor(typed.length / 3));
  let smallest = furthest + 1;
  for (const candidate of candidates) {
    const distance = editDistance(typed, candidate.slice(0, 128).toLowerCase(), smallest);
    if (distance < smallest) [nearest, smallest] = [candidate, distance];
  }
  return nearest;
}

/** Letters to insert, delete, replace or swap with their neighbour; `limit` stands for anything not below it. */
function editDistance(from: string, to: string, limit: number): number {
  if (Math.abs(from.length - to.length) >= limit) return limit;
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1];
      let cost = Math.min(last[column]! + 1, current[column - 1]! + 1, last[column - 1]! + (same ? 0 : 1));
      const swapped = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      if (swapped) cost = Math.min(cost, beforeLast[column - 2]! + 1);
      current.push(cost);
    }
    if (Math.min(...current) >= limit) return limit;
    [beforeLast, last] = [last, current];
  }
  return Math.min(limit, last[to.length]!);
}
