import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { projectRoot } from '../../../tools/project-root.js';

export interface Media {
  readonly schema: object;
}

export interface Operation {
  readonly operationId: string;
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[];
  readonly requestBody?: { readonly content: Readonly<Record<string, Media>> };
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, Media>> }>>;
}

export const writtenDescription = readFileSync(join(projectRoot(), 'openapi.yaml'), 'utf8');

/** The API, as openapi.yaml has it; that this is what the routes say is a test of its own. */
export const apiDescription = parse(writtenDescription) as {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
};

export const openapiOperations = Object.entries(apiDescription.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
);
