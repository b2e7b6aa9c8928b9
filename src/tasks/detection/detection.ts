export interface Box {
  readonly xmin: number;
  readonly ymin: number;
  readonly xmax: number;
  readonly ymax: number;
}

/** A thing in a picture, in pixels of the picture as it was sent. */
export interface Detection {
  readonly label: string;
  readonly class: number;
  readonly score: number;
  readonly box: Box;
  /** Of a pose: x, y and how sure the model is of each point, where it says so. */
  readonly keypoints?: readonly (readonly number[])[];
  /** Of an oriented box: its four corners. */
  readonly corners?: readonly (readonly [number, number])[];
  /** Which pixels of the picture belong to it, as COCO counts them: down the columns, zeros first. */
  readonly mask?: { readonly size: readonly [height: number, width: number]; readonly counts: readonly number[] };
}

/** One found thing, in pixels of the network's input. */
export interface Candidate {
  readonly class: number;
  readonly score: number;
  /** Corners of its box; for an oriented one: middle, width and height. */
  readonly box: readonly [number, number, number, number];
  /** What the model says of it beside box and scores: coefficients of a mask, points, or an angle. */
  readonly rest: Float32Array;
}
