import { aggregationStrategies, poolingModes, scoreFunctions, taskTypes } from '../core/task.js';
import type { JsonSchema } from './json-schema.js';

/** The part of `model.json` that says what a model does, where its files do not, or otherwise than they do. */
export const taskSchema = {
  anyOf: [
    { enum: ['none'], description: 'The tensors of the graph are all that is served.' },
    {
      type: 'object',
      properties: {
        type: { enum: taskTypes, description: 'What the model does.' },
        maxTokens: {
          type: 'integer',
          minimum: 3,
          maximum: 1_000_000,
          description: 'Tokens that a text is cut to, special ones included.',
        },
        maxBatchTokens: {
          type: 'integer',
          minimum: 1,
          maximum: 100_000_000,
          description:
            'Texts × tokens of one run, at most; how many are worth it is found by measurement. A longer text runs alone.',
        },
        lowerCase: { type: 'boolean', description: 'Texts are lower-cased before the tokenizer has them.' },
        output: { type: 'string', minLength: 1, description: 'The output of the graph that the answer is made of.' },
        padding: {
          type: 'object',
          properties: {
            id: { type: 'integer', minimum: 0, maximum: 2 ** 31 - 1, description: 'The token that fills texts up.' },
            side: { enum: ['left', 'right'], description: 'Where it is put.' },
          },
          additionalProperties: false,
          description: 'How texts of unlike length are laid side by side.',
        },
        prompts: {
          type: 'object',
          additionalProperties: { type: 'string' },
          description: 'Put before a text, by the names that requests have for them: {"query": "query: "}.',
        },
        defaultPrompt: { type: 'string', description: 'The prompt of requests that name none.' },
        pooling: {
          anyOf: [
            { enum: ['none'], description: 'The output has a vector a text.' },
            { type: 'array', minItems: 1, items: { enum: poolingModes } },
          ],
          description: 'How the vectors of tokens become one; several are laid end to end.',
        },
        poolsPrompt: { type: 'boolean', description: "Whether a prompt's tokens are pooled, too." },
        dense: {
          type: 'array',
          items: { type: 'string', pattern: '^[\\w.-]+$' },
          description: 'Folders of the dense layers behind the pooling.',
        },
        normalize: { type: 'boolean', description: 'Whether vectors are given the length 1.' },
        labels: {
          type: 'array',
          minItems: 1,
          items: { type: 'string' },
          description: 'Names of the classes, in order.',
        },
        scores: { enum: scoreFunctions, description: 'From logits to scores.' },
        aggregation: { enum: aggregationStrategies, description: 'How tokens become entities.' },
        ignoreLabels: { type: 'array', items: { type: 'string' }, description: 'Entities that are left out.' },
      },
      additionalProperties: false,
    },
  ],
  description:
    'What the model does with texts or pictures. Found out from the files beside it (config.json, tokenizer.json, preprocessor_config.json …) and the metadata of the ONNX file; what stands here counts for more. "none" turns it off.',
} as const satisfies JsonSchema;
