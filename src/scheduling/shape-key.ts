import type { ModelSignature } from '../core/tensor-spec.js';
import type { ScheduledRequest } from './scheduled-request.js';

/** Requests with equal keys may share a run: they give the same inputs, alike in shape but for axis 0. */
export function shapeKeyOf(signature: ModelSignature): (request: ScheduledRequest) => string {
  const rowShapeIsFixed = signature.inputs.every(
    (input) => input.optional !== true && input.shape?.slice(1).every((size) => typeof size === 'number'),
  );
  if (rowShapeIsFixed) return () => '';
  return ({ inputs }) => {
    let key = '';
    for (const input of inputs) {
      key += input.name;
      for (let axis = 1; axis < input.shape.length; axis++) key += `,${input.shape[axis]}`;
      key += `/${input.shape.length};`;
    }
    return key;
  };
}
