import type { FileWindow } from '../file-window.js';
import { nameColumns } from '../labels/name-columns.js';
import type { ModelFile } from '../model-file.js';
import { PartReader } from '../part-reader.js';
import { turnBatchwiseRecurrence } from './batchwise-recurrence.js';
import { mergeDuplicates } from './duplicate-names.js';
import { GraphDraft } from './graph-draft.js';
import { adaptInitializerInputs } from './initializer-inputs.js';
import { adaptIrVersion } from './ir-version.js';
import { bridgeKernelGaps } from './kernel-gaps.js';
import { takeMapsAsTensors } from './map-inputs.js';
import { castNarrowTypes } from './narrow-types.js';
import { lowerNewerOpset } from './newer-opset.js';
import { upgradeOldOpset } from './old-opset.js';
import { giveOptionals, takeOptionals } from './optionals.js';
import { takeSequences } from './sequence-inputs.js';
import { giveSequences } from './sequence-outputs.js';
import { useBuiltInLocale } from './string-locale.js';
import { leaveOutUnservable, requireServable } from './unservable-types.js';
import { unzipMaps } from './zip-maps.js';

/** In this order: an optional of a sequence becomes a sequence, a sequence of a narrow type a tensor of one. */
const rewrites: readonly Rewrite[] = [
  adaptIrVersion,
  upgradeOldOpset,
  lowerNewerOpset,
  turnBatchwiseRecurrence,
  useBuiltInLocale,
  bridgeKernelGaps,
  mergeDuplicates,
  adaptInitializerInputs,
  unzipMaps,
  takeMapsAsTensors,
  takeOptionals,
  giveOptionals,
  takeSequences,
  giveSequences,
  castNarrowTypes,
  leaveOutUnservable,
  nameColumns,
];

/** Drafts the graph that the engine is to load. Throws INVALID_ARGUMENT where no rewrite makes the model servable. */
export async function draftGraph(model: ModelFile, file: FileWindow): Promise<GraphDraft> {
  const draft = new GraphDraft(model);
  if (model.format === 'ort') {
    takeAsItIs(draft);
    return draft;
  }
  const parts = new PartReader(file);
  for (const rewrite of rewrites) await rewrite(draft, parts);
  return draft;
}

/** A file in onnxruntime's own format is loaded as it is, or not at all. */
function takeAsItIs(draft: GraphDraft): void {
  const initializers = new Set(draft.file.outline.graph.initializers.map(({ name }) => name));
  for (const io of draft.inputs) if (initializers.has(io.name)) draft.forgetInput(io);
  requireServable(draft);
}

/** One reason to change a graph: finds what it is about in the draft and changes that, or leaves the draft alone. */
export type Rewrite = (draft: GraphDraft, parts: PartReader) => void | Promise<void>;
