import { apiExamples } from '../api-examples.js';

interface Media {
  schema?: object;
  examples?: Record<string, object>;
}

interface Operation {
  readonly operationId?: string;
  readonly requestBody?: { readonly content: Record<string, Media> };
  readonly responses: Readonly<Record<string, { readonly content?: Record<string, Media> }>>;
}

interface Description {
  servers: readonly { readonly url: string; readonly description: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

const json = 'application/json';
const binary = 'application/octet-stream';

/** A copy of the description that was made from the routes, with what their schemas have no place for. */
export function completeDescription(generated: object): Description {
  const description = JSON.parse(JSON.stringify(generated)) as Description;
  // Relative to `/docs/json`: a gateway may have this server below a path of its own.
  description.servers = [{ url: '../', description: 'This server.' }];
  for (const operation of Object.values(description.paths).flatMap((path) => Object.values(path))) {
    addExamples(operation);
    addBinaryForm(operation);
  }
  return description;
}

function addExamples({ operationId, requestBody, responses }: Operation): void {
  // Copies, as the examples share rows and YAML would show that.
  const examples = structuredClone(apiExamples.filter((example) => example.operationId === operationId));
  for (const { name, summary, path, body, response } of examples) {
    const about = { summary, description: `\`${path}\`` };
    addExample(requestBody?.content[json], name, body === undefined ? undefined : { ...about, value: body });
    addExample(responses['200']?.content?.[json], name, { ...about, value: response });
  }
}

function addExample(media: Media | undefined, name: string, example: object | undefined): void {
  if (media === undefined || example === undefined) return;
  media.examples = { ...media.examples, [name]: example };
}

/** The binary tensor extension: JSON and raw bytes in one body, which no schema can say more about. */
function addBinaryForm({ operationId, requestBody, responses }: Operation): void {
  if (operationId?.startsWith('infer') !== true || requestBody === undefined) return;
  const bytes = { schema: { type: 'string', contentMediaType: binary } };
  requestBody.content[binary] = bytes;
  const content = responses['200']?.content;
  if (content !== undefined) content[binary] = bytes;
}
