import type { ImageFilter } from '../../../core/image-plan.js';

const half = [0.5, 0.5, 0.5];
const imageNet = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
const clip = { mean: [0.48145466, 0.4578275, 0.40821073], std: [0.26862954, 0.26130258, 0.27577711] };
const centred = { mean: half, std: half };

/** What an image processor of transformers does where its file is silent, and what it does otherwise than others. */
export interface ProcessorDefaults {
  readonly size: Readonly<Record<string, number>>;
  readonly filter: ImageFilter;
  readonly crop?: readonly [height: number, width: number];
  /** The crop is in the file, and not made unless the file says so. */
  readonly isCropOff?: boolean;
  readonly mean: readonly number[];
  readonly std: readonly number[];
  readonly isNotNormalized?: boolean;
  readonly isFlipped?: boolean;
  /** A size of one number is the shorter side, not both. */
  readonly isShortestByDefault?: boolean;
  /**
   * - `cropPct`: below 384 the shorter side is size ÷ crop_pct and the middle is kept, from there on both sides are stretched.
   * - `shortestOverPct`: the shorter side is size ÷ crop_pct.
   * - `shortestTimes8Over7`: the shorter side is size · 256 ÷ 224.
   * - `multiplesOf16`: both sides down to multiples of 16.
   * - `efficientNet`: `rescale_offset` and `include_top`.
   */
  readonly rule?: 'cropPct' | 'shortestOverPct' | 'shortestTimes8Over7' | 'multiplesOf16' | 'efficientNet';
}

const square = (side: number): Readonly<Record<string, number>> => ({ height: side, width: side });
const detr = {
  size: { shortest_edge: 800, longest_edge: 1333 },
  filter: 'bilinear',
  ...imageNet,
  isShortestByDefault: true,
} as const satisfies ProcessorDefaults;
const clipLike = {
  size: { shortest_edge: 224 },
  filter: 'bicubic',
  crop: [224, 224],
  ...clip,
  isShortestByDefault: true,
} as const satisfies ProcessorDefaults;
const mobileNet = {
  size: { shortest_edge: 256 },
  filter: 'bilinear',
  crop: [224, 224],
  ...centred,
  isShortestByDefault: true,
} as const satisfies ProcessorDefaults;

/** By the class's name without `ImageProcessor` or `FeatureExtractor`. */
export const processorDefaults: Readonly<Record<string, ProcessorDefaults>> = {
  ViT: { size: square(224), filter: 'bilinear', ...centred },
  Beit: { size: square(224), filter: 'bicubic', crop: [224, 224], isCropOff: true, ...centred },
  DeiT: { size: square(256), filter: 'bicubic', crop: [224, 224], ...centred },
  ConvNext: { size: { shortest_edge: 384 }, filter: 'bicubic', ...centred, isShortestByDefault: true, rule: 'cropPct' },
  MobileNetV1: mobileNet,
  MobileNetV2: mobileNet,
  MobileViT: {
    size: { shortest_edge: 224 },
    filter: 'bicubic',
    crop: [256, 256],
    ...centred,
    isNotNormalized: true,
    isFlipped: true,
    isShortestByDefault: true,
  },
  EfficientNet: {
    size: square(346),
    filter: 'bicubic',
    crop: [289, 289],
    isCropOff: true,
    ...centred,
    rule: 'efficientNet',
  },
  Bit: clipLike,
  CLIP: clipLike,
  ChineseCLIP: clipLike,
  Siglip: { size: square(224), filter: 'bicubic', ...centred, isShortestByDefault: true },
  DINOv3ViT: { size: square(224), filter: 'bilinear', ...imageNet },
  Levit: {
    size: { shortest_edge: 224 },
    filter: 'bicubic',
    crop: [224, 224],
    ...imageNet,
    isShortestByDefault: true,
    rule: 'shortestTimes8Over7',
  },
  PoolFormer: {
    size: { shortest_edge: 224 },
    filter: 'bicubic',
    crop: [224, 224],
    ...imageNet,
    isShortestByDefault: true,
    rule: 'shortestOverPct',
  },
  Pvt: { size: square(224), filter: 'bicubic', ...imageNet },
  Segformer: { size: square(512), filter: 'bilinear', ...imageNet },
  Detr: detr,
  ConditionalDetr: detr,
  DeformableDetr: detr,
  RfDetr: detr,
  Yolos: { ...detr, rule: 'multiplesOf16' },
  RTDetr: { size: square(640), filter: 'bilinear', ...imageNet, isNotNormalized: true, isShortestByDefault: true },
};

/** The processor's class where its file does not name it, by `model_type` of config.json. */
export const processorsByModelType: Readonly<Record<string, string>> = {
  beit: 'Beit',
  bit: 'Bit',
  clip: 'CLIP',
  conditional_detr: 'ConditionalDetr',
  convnext: 'ConvNext',
  convnextv2: 'ConvNext',
  cvt: 'ConvNext',
  d_fine: 'RTDetr',
  'data2vec-vision': 'Beit',
  deformable_detr: 'DeformableDetr',
  deit: 'DeiT',
  detr: 'Detr',
  dinat: 'ViT',
  dinov2: 'Bit',
  dinov3_vit: 'DINOv3ViT',
  efficientnet: 'EfficientNet',
  focalnet: 'Bit',
  hiera: 'Bit',
  ijepa: 'ViT',
  levit: 'Levit',
  lw_detr: 'DeformableDetr',
  mobilenet_v1: 'MobileNetV1',
  mobilenet_v2: 'MobileNetV2',
  mobilevit: 'MobileViT',
  mobilevitv2: 'MobileViT',
  poolformer: 'PoolFormer',
  pvt: 'Pvt',
  pvt_v2: 'Pvt',
  regnet: 'ConvNext',
  resnet: 'ConvNext',
  rf_detr: 'RfDetr',
  rt_detr: 'RTDetr',
  rt_detr_v2: 'RTDetr',
  segformer: 'Segformer',
  siglip: 'Siglip',
  swiftformer: 'ViT',
  swin: 'ViT',
  swinv2: 'ViT',
  vit: 'ViT',
  vit_msn: 'ViT',
  yolos: 'Yolos',
};
