import type { ServableDescription } from '../../core/model.js';
import { isStrings } from '../../core/tensor.js';
import { samplePredictBody } from './sample-request.js';

export type Sampled = Pick<ServableDescription, 'signature' | 'batching' | 'sample'>;

/** Bodies up to so many characters are shown as they are. */
const longestShown = 1000;
/** A number takes two characters or more. */
const mostElements = longestShown / 2;

/** How much text there will be of a sample, in characters at least; found without writing it. */
export const sampleSize = ({ sample = [] }: Sampled): number =>
  sample.reduce(
    (sum, { data }) =>
      sum + (isStrings(data) ? data.reduce((characters, text) => characters + text.length + 2, 0) : 2 * data.length),
    0,
  );

/**
 * A call that works. A body that is long is not written here but by `slipway sample`, which is given `subject`: the
 * model's name or file.
 */
export function sampleCurl(model: Sampled, url: string, subject: string): string {
  const call = `curl -s ${url} -d`;
  const body = sampleSize(model) <= 2 * mostElements ? samplePredictBody(model) : undefined;
  if (body !== undefined && body.length <= longestShown) return `${call} ${shellQuoted(body)}`;
  return `slipway sample ${/^[\w./@:+-]+$/.test(subject) ? subject : shellQuoted(subject)} | ${call} @-`;
}

const shellQuoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
