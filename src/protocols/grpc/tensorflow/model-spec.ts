import type { ModelSelector, ModelVersionId } from '../../../core/model.js';
import { selectorOf } from '../../http/model-selector.js';
import type { ModelSpec } from '../schema/tensorflow_serving_pb.js';
import { MessageReader } from '../wire/message-reader.js';
import { MessageWriter } from '../wire/message-writer.js';

/** The model that a request names in its first field, `model_spec`. A model has one signature, which is meant whatever it is called. */
export function readModelSpec(body: Buffer): ModelSelector {
  const reader = new MessageReader(body, 'the message');
  const spec: { name: string; version?: string; label?: string } = { name: '' };
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) readSpec(reader.message('model_spec'), spec);
    else reader.skip();
  }
  return selectorOf(spec);
}

function readSpec(reader: MessageReader, spec: { name: string; version?: string; label?: string }): void {
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) spec.name = reader.string();
    else if (field === 2) spec.version = String(readWrapped(reader.message('model_spec.version')));
    else if (field === 4) spec.label = reader.string();
    else reader.skip();
  }
}

/** The value of an `Int64Value`. */
function readWrapped(reader: MessageReader): number {
  let value = 0;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) value = reader.int64();
    else reader.skip();
  }
  return value;
}

/** As `readModelSpec`, of what was read already. */
export function selectorOfSpec(spec: ModelSpec | undefined): ModelSelector {
  const { name = '', versionChoice } = spec ?? {};
  if (versionChoice?.case === 'version') return selectorOf({ name, version: String(versionChoice.value) });
  return selectorOf(versionChoice?.case === 'versionLabel' ? { name, label: versionChoice.value } : { name });
}

export const writtenModelSpec = ({ name, version }: ModelVersionId): MessageWriter =>
  new MessageWriter().string(1, name).message(2, new MessageWriter().integer(1, version)).string(3, 'serving_default');
