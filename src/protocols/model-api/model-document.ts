import type { ServableDescription } from '../../core/model.js';
import type { TensorSpec } from '../../core/tensor-spec.js';
import { type JsonSchema, list, object, oneOf, text } from '../http/json-schema.js';
import { inferenceHeaders, inferenceQuery } from '../http/route-schemas.js';
import { sampleSize } from '../operations/sample-curl.js';
import { samplePredictBody } from '../operations/sample-request.js';
import { modelSchemas } from './model-schemas.js';

/** A longer example makes the document no clearer. */
const longestExample = 4000;

/** An OpenAPI document of one model: what it takes and gives, and requests that work. */
export function modelDocument(description: ServableDescription) {
  const { id, metadata } = description;
  const { inputs, outputs, row } = modelSchemas(description);
  const reference = (name: string): JsonSchema => ({ $ref: `#/components/schemas/${name}` });
  const forms = (inRows: JsonSchema, whole: JsonSchema): JsonSchema =>
    row === undefined ? whole : { oneOf: [inRows, whole] };
  const schemas = {
    ...(row !== undefined && { Row: row.sent, Prediction: row.answered }),
    Inputs: inputs,
    Outputs: outputs,
    PredictRequest: forms(
      object({ instances: list(reference('Row'), { minItems: 1 }) }),
      object({ inputs: reference('Inputs') }),
    ),
    PredictResponse: forms(
      object({ predictions: list(reference('Prediction')) }),
      object({ outputs: reference('Outputs') }),
    ),
    InferRequest: object(
      { inputs: list({ oneOf: description.signature.inputs.map(namedTensor) }) },
      { optional: { id: text(), outputs: list(object({ name: nameOf(description.signature.outputs) })) } },
    ),
    InferResponse: object({
      model_name: oneOf([id.name]),
      model_version: text(),
      outputs: list({ oneOf: description.signature.outputs.map(namedTensor) }),
    }),
    Error: object({ error: text({ description: 'What is wrong, what was expected, what came.' }) }),
  };
  const json = (name: string, examples: object = {}) => ({
    content: { 'application/json': { schema: reference(name), ...examples } },
  });
  const answers = (name: string) => ({
    200: { description: 'The answer.', ...json(name) },
    default: { description: 'A failure.', ...json('Error') },
  });
  const parameters = [...listed(inferenceHeaders, 'header'), ...listed(inferenceQuery, 'query')];
  const operation = (operationId: string, summary: string, name: string, examples?: object) => ({
    post: {
      operationId,
      summary,
      parameters,
      requestBody: { required: true, ...json(`${name}Request`, examples) },
      responses: answers(`${name}Response`),
    },
  });
  const path = encodeURIComponent(id.name);
  return {
    openapi: '3.1.0',
    info: {
      title: id.name,
      version: String(id.version),
      ...(metadata.description !== undefined && { description: metadata.description }),
    },
    // Relative to this document: a gateway may have the server below a path of its own.
    servers: [{ url: '../../../' }],
    security: [{ bearer: [] }, { apiKey: [] }, {}],
    paths: {
      [`/v1/models/${path}/predict`]: operation(
        'predict',
        'Predict, by rows or by whole tensors',
        'Predict',
        exampleOf(description),
      ),
      [`/v2/models/${path}/infer`]: operation('infer', 'The Open Inference Protocol', 'Infer'),
    },
    components: {
      schemas,
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer' },
        apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
      },
    },
  };
}

const nameOf = (specs: readonly TensorSpec[]): JsonSchema => oneOf(specs.map(({ name }) => name));

const namedTensor = ({ name, dataType, shape }: TensorSpec): JsonSchema =>
  object({
    name: oneOf([name]),
    datatype: oneOf([dataType]),
    shape: list(
      { type: 'integer', minimum: 0 },
      shape === null ? {} : { minItems: shape.length, maxItems: shape.length },
    ),
    data: list({}, { description: 'Flat, row-major.' }),
  });

function exampleOf(description: ServableDescription): object {
  const { sample = [] } = description;
  if (sample.length === 0 || sampleSize(description) > longestExample) return {};
  const body = samplePredictBody(description);
  return body.length > longestExample ? {} : { examples: { sample: { value: JSON.parse(body) as unknown } } };
}

/** The properties of a schema of headers, or of a query, as OpenAPI's parameters. */
const listed = ({ properties }: JsonSchema, place: 'header' | 'query') =>
  Object.entries(properties as Readonly<Record<string, JsonSchema>>).map(([name, { description, ...schema }]) => ({
    name,
    in: place,
    ...(description !== undefined && { description }),
    schema,
  }));
