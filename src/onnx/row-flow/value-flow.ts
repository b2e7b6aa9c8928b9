/** What the elements of a value follow from: the file alone; sizes, which are alike for all rows of a run; or inputs. */
export type Source = 'file' | 'sizes' | 'inputs';

/** What is known of a value in a graph, for whatever inputs. */
export interface ValueFlow {
  readonly source: Source;
  /** The operator by which a size of the value follows from inputs' values. */
  readonly sizedBy?: string | undefined;
  /** The operator by which, for certain, all rows of a run reach each row of the value. */
  readonly coupledBy?: string | undefined;
}

export const fromFile: ValueFlow = { source: 'file' };
export const fromSizes: ValueFlow = { source: 'sizes' };
export const fromInputs: ValueFlow = { source: 'inputs' };

const order: readonly Source[] = ['file', 'sizes', 'inputs'];

/** Of what a value is made of several. */
export function joined(flows: readonly ValueFlow[]): ValueFlow {
  let source: Source = 'file';
  let sizedBy: string | undefined;
  let coupledBy: string | undefined;
  for (const flow of flows) {
    if (order.indexOf(flow.source) > order.indexOf(source)) source = flow.source;
    sizedBy ??= flow.sizedBy;
    coupledBy ??= flow.coupledBy;
  }
  return { source, sizedBy, coupledBy };
}

export const sameFlow = (a: ValueFlow, b: ValueFlow): boolean =>
  a.source === b.source && a.sizedBy === b.sizedBy && a.coupledBy === b.coupledBy;
