import type { OpenAPIV3, OpenAPIV3_1 } from 'openapi-types';
export const withExamples = (document: Partial<OpenAPIV3.Document | OpenAPIV3_1.Document>) => document;
