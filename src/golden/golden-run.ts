import type { Inference } from '../core/servable.js';
import { ServingError } from '../core/serving-error.js';
import type { LoadedVersion } from '../core/version-check.js';
import { describeInputs, type GoldenCase } from './golden-case.js';
import { GoldenReader, type GoldenTools } from './golden-reader.js';

/** How one golden request was answered. */
export interface GoldenResult {
  readonly name: string;
  /** How many others were sent at the same time; 0 where it was alone. */
  readonly others: number;
  /** What is wrong with the response, or with the file; absent where nothing is. */
  readonly miss?: string;
}

/** At the same time. */
const mostTogether = 64;
/** What is not proved by then is sent together all the same. */
const longestProofMs = 10_000;

/**
 * Asks a loaded version its golden requests: each alone, then those that were answered rightly at the same time, so that
 * they can share runs. Rejects with a ServingError where something is in the way that may pass.
 */
export async function* runGolden(version: LoadedVersion, tools: GoldenTools): AsyncGenerator<GoldenResult> {
  const { goldenFiles = [], id } = version.found;
  if (version.config.rollout?.golden === 'off') return;
  const { signature, batching } = version.servable.description;
  const reader = new GoldenReader(tools, { id, config: version.config, model: { signature, batching } });
  const right: AnsweredCase[] = [];
  for (const { name, open } of reader.cases(goldenFiles)) {
    const miss = await missOf(name, async () => {
      const golden = await open();
      const inference = await infer(version, golden);
      const difference = differenceOf(golden, inference);
      if (difference === undefined) right.push({ golden, rows: inference.rows });
      return difference;
    });
    yield { name, others: 0, ...(miss !== undefined && { miss }) };
  }
  if (right.length < 2) return;
  await provenSoon(version);
  for (const group of groupsOf(right, version.maxQueueRows)) yield* runTogether(version, group);
}

interface AnsweredCase {
  readonly golden: GoldenCase;
  readonly rows: number;
}

async function* runTogether(version: LoadedVersion, cases: readonly GoldenCase[]): AsyncGenerator<GoldenResult> {
  const others = cases.length - 1;
  const misses = cases.map((golden) =>
    missOf(golden.name, async () => differenceOf(golden, await infer(version, golden))),
  );
  for (const [index, miss] of (await Promise.all(misses)).entries()) {
    const { name } = cases[index] as GoldenCase;
    const company = `${others} ${others === 1 ? 'other' : 'others'}`;
    yield { name, others, ...(miss !== undefined && { miss: `${miss}, when asked together with ${company}` }) };
  }
}

/** As many at a time as may wait together. */
function groupsOf(cases: readonly AnsweredCase[], mostRows: number): readonly (readonly GoldenCase[])[] {
  const groups: GoldenCase[][] = [];
  let rowsOfLast = Number.POSITIVE_INFINITY;
  for (const { golden, rows } of cases) {
    const last = groups.at(-1);
    if (last !== undefined && last.length < mostTogether && rowsOfLast + rows <= mostRows) {
      last.push(golden);
      rowsOfLast += rows;
    } else {
      groups.push([golden]);
      rowsOfLast = rows;
    }
  }
  return groups.filter((group) => group.length > 1);
}

async function provenSoon(version: LoadedVersion): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeUp = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, longestProofMs);
  });
  await Promise.race([version.proven(), timeUp]).finally(() => clearTimeout(timer));
}

const infer = ({ servable }: LoadedVersion, { request }: GoldenCase): Promise<Inference> =>
  new Promise((completed, failed) => servable.infer(request, { completed, failed }));

function differenceOf(golden: GoldenCase, inference: Inference): string | undefined {
  const difference = golden.difference(inference);
  return difference === undefined ? undefined : `${describeInputs(golden.request)}, ${difference}`;
}

/** What was wrong, with the file's name; undefined where nothing was. What may pass is no miss. */
async function missOf(name: string, work: () => Promise<string | undefined>): Promise<string | undefined> {
  try {
    const difference = await work();
    return difference === undefined ? undefined : `${name}: ${difference}`;
  } catch (error) {
    if (!(error instanceof ServingError)) throw error;
    const { code, message, retryAfterSeconds } = error;
    const told = `${name}: ${message}`;
    if (code !== 'UNAVAILABLE' && code !== 'CANCELED') return told;
    throw new ServingError(code, told, { cause: error, ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) });
  }
}
