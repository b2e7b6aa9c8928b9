import type { CompletionHandler } from '../../src/core/inference.js';

/** How something ended that tells a handler, as a promise. */
export const completionOf = <Result>(start: (handler: CompletionHandler<Result>) => void): Promise<Result> =>
  new Promise((resolve, reject) => start({ completed: resolve, failed: reject }));
