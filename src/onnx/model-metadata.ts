import type { ModelMetadata } from '../core/model.js';
import type { ModelOutline } from './model-outline.js';

/** What the file says about itself, as the API tells it. */
export function metadataOf({ outline }: { readonly outline: ModelOutline }): ModelMetadata {
  const producer = `${outline.producerName} ${outline.producerVersion}`.trim();
  const description = outline.docString || outline.graph.docString;
  return {
    ...(producer !== '' && { producer }),
    ...(description !== '' && { description }),
    irVersion: outline.irVersion,
    opsets: Object.fromEntries(outline.opsets),
    ...(outline.properties.size > 0 && { properties: Object.fromEntries(outline.properties) }),
  };
}
