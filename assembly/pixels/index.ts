export { elements32 } from './elements';
export { halve, linear } from './linear';
export { picked } from './picked';
export { weightedColumns } from './weighted-columns';
export { weightedRows } from './weighted-rows';

/** Where memory is the host's to lay out, up to its end; the host makes it grow. */
export const free: usize = __heap_base;
