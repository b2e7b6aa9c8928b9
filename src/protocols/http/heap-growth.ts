import { setFlagsFromString } from 'node:v8';

/** How much the heap may grow, by its live size, before V8 collects the whole of it. V8's own choice is at most 300. */
const growthPercent = 400;

let isAllowed = false;

/**
 * V8 counts the memory of buffers with the heap: of a server that takes images it would collect the whole small heap for
 * every few of them. Called when a body is large; a server with small ones goes on collecting early, and stays small.
 */
export function letHeapGrow(): void {
  if (isAllowed) return;
  isAllowed = true;
  setFlagsFromString(`--heap-growing-percent=${growthPercent}`);
}
