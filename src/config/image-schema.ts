import { detectionKinds, detectionLayouts } from '../core/detection-plan.js';
import { imageFilters } from '../core/image-plan.js';
import type { JsonSchema } from './json-schema.js';

const side = { type: 'integer', minimum: 1, maximum: 16_384 } as const;
const colours = {
  type: 'array',
  minItems: 1,
  items: { type: 'number' },
  description: 'A number for each colour.',
} as const;
const filter = { enum: imageFilters, description: "Pillow's filters; `linear` is OpenCV's INTER_LINEAR." } as const;
const part = { type: 'number', minimum: 0, maximum: 1 } as const;

/** The part of `model.json` that says how a picture becomes the model's input. */
export const imageSchema = {
  type: 'object',
  properties: {
    resize: {
      anyOf: [
        {
          type: 'object',
          properties: { mode: { enum: ['stretch'] }, width: side, height: side, filter },
          required: ['mode', 'width', 'height', 'filter'],
          additionalProperties: false,
          description: 'To exactly this size.',
        },
        {
          type: 'object',
          properties: {
            mode: { enum: ['shortest'] },
            shortest: { ...side, description: 'What the shorter side becomes.' },
            longest: { ...side, description: 'What the longer side becomes at most.' },
            multipleOf: { ...side, description: 'Both sides are rounded down to multiples of it.' },
            filter,
          },
          required: ['mode', 'shortest', 'filter'],
          additionalProperties: false,
          description: 'By the shorter side.',
        },
        {
          type: 'object',
          properties: {
            mode: { enum: ['letterbox'] },
            width: side,
            height: side,
            filter,
            fill: { type: 'integer', minimum: 0, maximum: 255, description: 'The grey around the picture.' },
          },
          required: ['mode', 'width', 'height', 'filter', 'fill'],
          additionalProperties: false,
          description: 'As large as fits, in the middle of a grey.',
        },
      ],
      description: 'The size that a picture is given first.',
    },
    crop: { type: 'array', minItems: 2, items: side, description: 'Height and width of the middle that is kept.' },
    cropRounding: {
      enum: ['down', 'even'],
      description: 'Where the middle of an odd rest lies: transformers, torchvision.',
    },
    scale: { type: 'number', description: 'An element is (byte · scale − mean) ÷ std.' },
    mean: colours,
    std: colours,
    layout: { enum: ['NCHW', 'NHWC', 'NHW'] },
    color: { enum: ['RGB', 'BGR', 'grey'], description: "`grey` is one colour: the luminance, as Pillow's mode L." },
  },
  additionalProperties: false,
  description:
    "What is done to pictures. Found out from preprocessor_config.json, timm's config.json or Ultralytics' metadata; what stands here counts for more.",
} as const satisfies JsonSchema;

/** The part of `model.json` that says how the outputs of a detector are read. */
export const detectionSchema = {
  type: 'object',
  properties: {
    layout: { enum: detectionLayouts, description: "How the graph's outputs say where things are." },
    kind: { enum: detectionKinds, description: 'What a YOLO model says of a thing beside its box.' },
    confidence: { ...part, description: 'What scores less is left out.' },
    iou: { ...part, description: 'Of boxes of a class that overlap by more than this the best one stays.' },
    maxDetections: { type: 'integer', minimum: 1, maximum: 30_000 },
    agnostic: { type: 'boolean', description: 'Boxes of different classes leave each other out, too.' },
    keypoints: {
      type: 'array',
      minItems: 2,
      items: { type: 'integer', minimum: 1, maximum: 1000 },
      description: 'Of a pose: points, and numbers of each.',
    },
  },
  additionalProperties: false,
  description: 'How the things in pictures are found; what stands here counts for more than what the files say.',
} as const satisfies JsonSchema;
