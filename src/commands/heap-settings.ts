import { setFlagsFromString } from 'node:v8';

/** How much the heap may grow, by its live size, before V8 collects the whole of it. V8's own choice is at most 300. */
const heapGrowthPercent = 400;

/** Settings of V8 for a worker. To be called before the first request; a V8 that does not know a flag ignores it. */
export function setUpHeap(): void {
  /*
   * Objects of a request die young. V8 concludes the opposite from the first moments under load, while its young
   * generation is still smaller than what is in flight: from then on it makes them in the old generation, where they stay
   * until the whole heap is collected.
   */
  setFlagsFromString('--no-allocation-site-pretenuring');
  /*
   * V8 counts the memory of buffers with the heap: a worker's small one it would collect as a whole for every few images,
   * and several times a second under many small requests (docs/decisions/0010-heap.md).
   */
  setFlagsFromString(`--heap-growing-percent=${heapGrowthPercent}`);
}
