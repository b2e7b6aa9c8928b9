import type { PartReader } from '../part-reader.js';
import { buildAttribute } from './graph-builders.js';
import type { GraphDraft } from './graph-draft.js';

/** A locale of the C library itself (glibc 2.35 and later), with the case rules of all of Unicode. */
const builtInLocale = 'C.UTF-8';
/** Locales whose case rules are those of the built-in one; the first is the engine's default. */
const equivalentLocales: ReadonlySet<string> = new Set(['', 'en_US.UTF-8', 'en_US', 'en_GB.UTF-8', 'C.utf8']);

/**
 * StringNormalizer asks the C library for a locale that slim images lack, and then the model does not load.
 * The built-in one gives the same texts.
 */
export async function useBuiltInLocale(draft: GraphDraft, parts: PartReader): Promise<void> {
  for (const outline of draft.file.outline.graph.nodes) {
    if (outline.operator !== 'StringNormalizer' || outline.domain !== '') continue;
    const node = await parts.node(outline);
    if (node === undefined) continue;
    const locale = node.attribute.find(({ name }) => name === 'locale');
    if (!equivalentLocales.has(Buffer.from(locale?.s ?? []).toString())) continue;
    draft.hide(outline.range);
    node.attribute = [
      ...node.attribute.filter((attribute) => attribute !== locale),
      buildAttribute('locale', { text: builtInLocale }),
    ];
    draft.add(node);
    draft.note(`operator StringNormalizer "${outline.name}": uses the locale ${builtInLocale}, which every system has`);
  }
}
