import { coupledByNeighbours } from './kinds/coupled-by-neighbours.js';
import { coupledByOrder } from './kinds/coupled-by-order.js';
import { coupledByReduction } from './kinds/coupled-by-reduction.js';
import { coupledByValues } from './kinds/coupled-by-values.js';
import { independentNetworks } from './kinds/independent-networks.js';
import { independentShapes } from './kinds/independent-shapes.js';
import { independentTables } from './kinds/independent-tables.js';
import type { RowKind } from './row-kind.js';

/** Every way in which rows do or do not influence each other that a seed can make a model of. */
export const rowKinds: readonly RowKind[] = [
  ...coupledByReduction,
  ...coupledByOrder,
  ...coupledByNeighbours,
  ...coupledByValues,
  ...independentNetworks,
  ...independentTables,
  ...independentShapes,
];
