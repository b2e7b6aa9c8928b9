/**
 * How a picture becomes a model's input. Pillow's filters, which widen as they shrink, and `linear`: OpenCV's
 * INTER_LINEAR, which does not.
 */
export const imageFilters = ['nearest', 'box', 'bilinear', 'hamming', 'bicubic', 'lanczos', 'linear'] as const;
export type ImageFilter = (typeof imageFilters)[number];

/** To exactly this size, whatever becomes of the proportions. */
export interface StretchResize {
  readonly mode: 'stretch';
  readonly width: number;
  readonly height: number;
  readonly filter: ImageFilter;
}

/** Until the shorter side is `shortest`, or the longer one `longest` where that comes first; then both down to multiples. */
export interface ShortestResize {
  readonly mode: 'shortest';
  readonly shortest: number;
  readonly longest?: number;
  readonly multipleOf?: number;
  readonly filter: ImageFilter;
}

/** As large as fits into this size; the picture stands in the middle of a surface of one grey. */
export interface LetterboxResize {
  readonly mode: 'letterbox';
  readonly width: number;
  readonly height: number;
  readonly filter: ImageFilter;
  readonly fill: number;
}

export type ImageResize = StretchResize | ShortestResize | LetterboxResize;

/** What `image` of model.json says, and what is derived where it says nothing. */
export interface ImagePlan {
  readonly resize?: ImageResize;
  /** Height and width of the middle that is kept; what a smaller picture lacks is black. */
  readonly crop?: readonly number[];
  /** What becomes of half a pixel in the place of the crop: transformers rounds down, torchvision to the even number. */
  readonly cropRounding?: 'down' | 'even';
  /** An element is (byte · scale − mean) ÷ std, a mean and a deviation for each colour, in the order of `color`. */
  readonly scale: number;
  readonly mean: readonly number[];
  readonly std: readonly number[];
  /** `NHW` has no axis of colours. */
  readonly layout: 'NCHW' | 'NHWC' | 'NHW';
  /** `grey` is Pillow's luminance, of which there is one colour. */
  readonly color: 'RGB' | 'BGR' | 'grey';
}

export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

/** Where a resized picture lies on the surface that the model sees: the part of it that is there, and from where on. */
export interface ImagePlacement {
  /** The size the picture is given first. */
  readonly resized: ImageSize;
  readonly surface: ImageSize;
  /** The first column and row of the surface that show the picture. */
  readonly left: number;
  readonly top: number;
  /** The first column and row of the resized picture that are shown. */
  readonly fromLeft: number;
  readonly fromTop: number;
  readonly shown: ImageSize;
}

/** Each part of a plan as files say it, and where. */
export type DerivedImage = { readonly [Key in keyof ImagePlan]?: readonly [value: ImagePlan[Key], origin: string] };

/** How many elements a pixel has. */
export const colorsOf = ({ color }: Pick<ImagePlan, 'color'>): 1 | 3 => (color === 'grey' ? 1 : 3);
