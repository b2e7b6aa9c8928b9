import { ElementType, GraphWriter } from '../../bench/recipes/graph-writer.js';

export const lookupWeightsName = 'weights.bin';

/**
 * `y = w[x]`, the floats `w` in a file beside the model. The engine maps that file, and looks things up in the mapping
 * at every run.
 */
export function lookupModel(count: number): Uint8Array {
  const graph = new GraphWriter(0);
  const x = graph.input('x', ElementType.INT64, ['n']);
  graph.node('Gather', [graph.external(ElementType.FLOAT, [count], lookupWeightsName), x], { outputs: ['y'] });
  graph.output('y', ElementType.FLOAT, ['n']);
  return graph.finish('lookup');
}

/** As `lookupModel`, but it looks everything up `steps` times before it answers. */
export function slowLookupModel(count: number): Uint8Array {
  const graph = new GraphWriter(0);
  const x = graph.input('x', ElementType.INT64, ['n']);
  const steps = graph.input('steps', ElementType.INT64, []);
  const weights = graph.external(ElementType.FLOAT, [count], lookupWeightsName);
  const isOn = graph.node('Cast', [graph.integers([1], [])], { attributes: { to: ElementType.BOOL } });
  const body = graph.body();
  body.input('step', ElementType.INT64, []);
  const goesOn = body.input('goes_on', ElementType.BOOL, []);
  body.input('before', ElementType.FLOAT, [null]);
  body.node('Identity', [goesOn], { outputs: ['goes_on_still'] });
  body.node('Gather', [weights, x], { outputs: ['found'] });
  body.output('goes_on_still', ElementType.BOOL, []);
  body.output('found', ElementType.FLOAT, [null]);
  const first = graph.node('Cast', [x], { attributes: { to: ElementType.FLOAT } });
  graph.node('Loop', [steps, isOn, first], { attributes: { body: { graph: body } }, outputs: ['y'] });
  graph.output('y', ElementType.FLOAT, ['n']);
  return graph.finish('slow lookup');
}
