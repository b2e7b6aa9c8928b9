import type { IntegerRange } from '../../core/data-type.js';
import type { Tensor } from '../../core/tensor.js';
import type { FieldRange } from '../file-window.js';
import type { ValueType } from '../value-type.js';

/** An input or output of the graph that is being drafted. */
export interface GraphIo {
  readonly name: string;
  readonly type: ValueType;
  readonly description: string;
  readonly classLabels?: readonly (string | number)[];
  /** Each row stands for a map from the labels to its values. */
  readonly isMap?: boolean;
  /** An input that has one may be left out of a request. */
  readonly defaultValue?: Tensor;
  /** The values that integers may have, where they are fewer than those of the type. */
  readonly values?: IntegerRange;
  /** The type in the file, where requests may be in it although the graph takes another one now. */
  readonly modelDataType?: 'BF16';
  /** Where the file declares it; absent for one that a rewrite added. */
  readonly declaration?: FieldRange;
  /** The graph takes any shape, whatever `type` tells the caller. */
  readonly anyShape?: boolean;
}
