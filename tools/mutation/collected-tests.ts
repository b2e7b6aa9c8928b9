import { mock, type TestContext } from 'node:test';

/** A test, as a file registered it. */
export interface CollectedTest {
  readonly file: string;
  readonly name: string;
  run(): Promise<void>;
}

type TestBody = (context: TestContext) => unknown;

/** What stands in for `node:test` keeps, as that does, one list for the process. */
const collected: CollectedTest[] = [];
let currentFile = '';

/** The tests that `load` registers by importing `file`. */
export async function collectTests(file: string, load: () => Promise<unknown>): Promise<readonly CollectedTest[]> {
  const before = collected.length;
  currentFile = file;
  await load();
  return collected.slice(before);
}

/** In place of `test` of `node:test`: the body runs when it is asked to, as often as it is asked to. */
export function test(name: string, ...rest: readonly [TestBody] | readonly [{ skip?: unknown }, TestBody]): void {
  const body = rest.at(-1) as TestBody;
  const [options] = rest;
  if (typeof options === 'object' && options.skip) return;
  const file = currentFile;
  collected.push({
    file,
    name,
    run: async () => {
      const left: (() => unknown)[] = [];
      try {
        const after = (act: () => unknown): void => void left.push(act);
        await body({ name, mock, after, diagnostic: () => {}, skip: () => {} } as unknown as TestContext);
      } finally {
        for (const act of left) await act();
        mock.timers.reset();
        mock.reset();
      }
    },
  });
}

export const describe = (_name: string, body: () => void): void => body();

/** Files that need more of `node:test` judge no mutants. */
const unsupported = (): never => {
  throw new Error(`${currentFile}: a test that judges mutants has no hooks`);
};

export { mock, unsupported as after, unsupported as afterEach, unsupported as before, unsupported as beforeEach };
