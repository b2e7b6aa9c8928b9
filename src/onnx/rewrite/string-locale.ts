import type { PartReader } from '../part-reader.js';
import type { NodeProto } from '../schema/onnx_pb.js';
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
  if (process.platform !== 'linux') return;
  let count = 0;
  for (const outline of draft.file.outline.graph.nodes) {
    if (outline.operator !== 'StringNormalizer' || outline.domain !== '') continue;
    const node = await parts.node(outline);
    if (node === undefined || keepsCase(node)) continue;
    const locale = textOf(node, 'locale');
    if (!equivalentLocales.has(locale)) continue;
    draft.hide(outline.range);
    node.attribute = node.attribute.filter(({ name }) => name !== 'locale');
    node.attribute.push(buildAttribute('locale', { text: builtInLocale }));
    draft.add(node);
    count++;
  }
  if (count > 0) draft.note(`StringNormalizer (${count}) uses the locale ${builtInLocale}, which every system has`);
}

/** Such a node asks for no locale. */
const keepsCase = (node: NodeProto): boolean =>
  ['', 'NONE'].includes(textOf(node, 'case_change_action')) &&
  node.attribute.some(({ name, i }) => name === 'is_case_sensitive' && i === 1n);

const textOf = (node: NodeProto, attribute: string): string =>
  Buffer.from(node.attribute.find(({ name }) => name === attribute)?.s ?? []).toString();
