import { setTimeout as after } from 'node:timers/promises';
import type { Batching } from '../../src/core/model.js';
import { type Form, Rejection } from '../conformance/form.js';
import { describeServedModel, type ServedModel } from '../conformance/served-model.js';
import { askV1Columns, asNested } from '../conformance/v1-forms.js';
import { askV2Binary, askV2Json } from '../conformance/v2-forms.js';
import { ModelFolder } from '../support/model-folder.js';
import { ServerProcess } from '../support/server-process.js';
import { differs, MadeUpModel, type Question } from './made-up-model.js';
import { rowsIn } from './row-axes.js';
import type { RowFinding } from './row-findings.js';
import { rowFormDiffers } from './row-form.js';
import type { RowKind } from './row-kind.js';

export interface RowRun {
  readonly kinds: readonly RowKind[];
  readonly seed: number;
  /** Requests that a model gets at once. */
  readonly requests: number;
  readonly rounds: number;
}

const flags = [
  ...['--poll-interval-ms', '0', '--log-successes-per-second', '0', '--non-finite', 'string'],
  ...['--max-queue-rows', '100000'],
];

const forms: readonly Form[] = [askV2Json, askV2Binary, askV1Columns];

/** Serves a model of each kind in one server and asks each for everything at once. */
export async function serveRowModels({ kinds, seed, requests, rounds }: RowRun): Promise<RowFinding[]> {
  const folder = new ModelFolder();
  const models: MadeUpModel[] = [];
  let server: ServerProcess | undefined;
  try {
    for (const kind of kinds) {
      const model = await MadeUpModel.make(kind, seed, requests);
      models.push(model);
      folder.write(model.file, `${kind.name}.onnx`);
    }
    server = await ServerProcess.start(['--models', folder.path, ...flags]);
    const reasons = await settled(server, models.length);
    const findings: RowFinding[] = [];
    for (const model of models) findings.push(await examine(server, model, rounds, reasons.get(model.kind.name)));
    return findings;
  } finally {
    await server?.stop();
    folder.remove();
    for (const model of models) await model.release();
  }
}

interface IndexLine {
  readonly name: string;
  readonly state: string;
  readonly reason?: string;
}

/** Reasons of those that do not serve, once all have settled. */
async function settled(server: ServerProcess, count: number): Promise<ReadonlyMap<string, string>> {
  for (;;) {
    const { body } = await server.post('/v2/repository/index', {});
    const lines = body as readonly IndexLine[];
    if (lines.length === count && lines.every(({ state }) => state !== 'LOADING')) {
      return new Map(lines.filter(({ state }) => state !== 'READY').map(({ name, reason }) => [name, reason ?? '']));
    }
    await after(50);
  }
}

async function examine(
  server: ServerProcess,
  model: MadeUpModel,
  rounds: number,
  rejection: string | undefined,
): Promise<RowFinding> {
  const { name, couples, batchingIsFree = false } = model.kind;
  const about = { name, couples, batchingIsFree, influence: await model.influence() };
  if (rejection !== undefined) return { ...about, rejection, wrongAnswers: [], wrongRows: [] };
  const served = await proved(server, name);
  const { body } = await server.get(`/v2/models/${name}/config`);
  const wrongAnswers: string[] = [];
  for (let round = 0; round < rounds; round++) {
    const verdicts = await Promise.all(
      model.questions.map((question, at) => answerTo(served, question, forms[(at + round) % forms.length] as Form)),
    );
    wrongAnswers.push(...verdicts.filter((verdict) => verdict !== undefined));
  }
  const wrongRows = await inRows(served, model);
  const isConfiguredToBatch = body.dynamic_batching !== undefined;
  return { ...about, batching: served.batching, isConfiguredToBatch, wrongAnswers, wrongRows };
}

/** Resolves once it is known whether the model's rows are independent. */
async function proved(server: ServerProcess, name: string): Promise<ServedModel> {
  for (;;) {
    const served = await describeServedModel(server.origin, name);
    if (!isPending(served.batching)) return served;
    await after(50);
  }
}

const isPending = (batching: Batching): boolean => batching.kind === 'none' && batching.pending === true;

async function answerTo(served: ServedModel, { given, expected }: Question, ask: Form): Promise<string | undefined> {
  try {
    return differs(await ask(served, given), ask === askV1Columns ? asNested(expected) : expected);
  } catch (error) {
    return (error as Error).message;
  }
}

/** Requests of row form, a few of them, at once. */
const mostInRows = 8;

/** Only where every input has rows. A rejection is right where the model has no rows of its own. */
async function inRows(served: ServedModel, model: MadeUpModel): Promise<string[]> {
  const { inputs } = model.axes;
  if (!served.signature.inputs.every(({ name }) => inputs.has(name))) return [];
  const several = model.questions.filter(({ given }) => rowsIn(given, inputs) > 1).slice(-mostInRows);
  const verdicts = await Promise.all(
    several.map(async (question) => {
      try {
        return await rowFormDiffers(served, inputs, await model.rowByRow(question));
      } catch (error) {
        const isRight = error instanceof Rejection && error.status === 400 && !hasRows(served.batching);
        return isRight ? undefined : (error as Error).message;
      }
    }),
  );
  return verdicts.filter((verdict) => verdict !== undefined);
}

/** Whether the server says that it can tell a request's rows apart. */
const hasRows = (batching: Batching): boolean => batching.kind !== 'none' || batching.axes !== undefined;
