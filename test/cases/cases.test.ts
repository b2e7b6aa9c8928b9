import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import type { Form } from '../conformance/form.js';
import { Rejection } from '../conformance/form.js';
import { describeServedModel, type ServedModel } from '../conformance/served-model.js';
import { askV1Columns, asNested } from '../conformance/v1-forms.js';
import { askV2Binary, askV2Json } from '../conformance/v2-forms.js';
import { InProcessEngine } from '../rows/in-process-engine.js';
import { differs, type Question } from '../rows/made-up-model.js';
import { type Axes, rowsIn, sizesBesideRows, sliceRows } from '../rows/row-axes.js';
import { rowFormDiffers } from '../rows/row-form.js';
import { ModelFolder } from '../support/model-folder.js';
import { Random } from '../support/random.js';
import { ServerProcess } from '../support/server-process.js';
import { inFlight } from './in-flight.js';
import { casesDirectory, type RecordedModel, recordedModels } from './recorded-cases.js';

const directory = casesDirectory();
const skip = directory === undefined ? 'the cases are not here' : false;
const models = directory === undefined ? [] : recordedModels(directory);

/** Models that have a batch axis: row form must be answered. The others may reject it with a sentence. */
const withRows = [
  'bilstm-states',
  'capacity4',
  'decoder-past',
  'greedy-loop',
  'padded-detections',
  'two-hundred-columns',
];
/** No output has as many rows as the request: nothing could be told apart. */
const withoutRows = ['detections-by-count'];

const forms: Readonly<Record<string, Form>> = {
  'v1 columns': askV1Columns,
  'v2 JSON': askV2Json,
  'v2 binary': askV2Binary,
};

/** What a form can tell of an answer. */
const told = (form: string, { expected }: Question) => (form === 'v1 columns' ? asNested(expected) : expected);

/** Rows that are asked for in one request. */
const rowsAtOnce = 7;
const atOnce = 32;
const rounds = 2;

describe('recorded cases', { skip }, () => {
  const folder = new ModelFolder();
  const described = new Map<string, ServedModel>();
  let server: ServerProcess;

  before(async () => {
    for (const { name, path } of models) folder.write(readFileSync(path), `${name}/model.onnx`);
    const flags = ['--models', folder.path, '--non-finite', 'string', '--log-successes-per-second', '0'];
    server = await ServerProcess.start([...flags, '--poll-interval-ms', '0', '--readiness', 'all']);
    await server.ready();
    for (const { name } of models) described.set(name, await describeServedModel(server.origin, name));
  });
  after(async () => {
    await server.stop();
    folder.remove();
  });

  /** A sentence where the answer is another one than alone. */
  async function ask(model: RecordedModel, form: string, question: Question): Promise<string | undefined> {
    const served = described.get(model.name) as ServedModel;
    try {
      const answer = await (forms[form] as Form)(served, question.given);
      const sentence = differs(answer, told(form, question));
      return sentence && `${form}: ${sentence}`;
    } catch (error) {
      return `${form}: ${(error as Error).message}`;
    }
  }

  for (const model of models) {
    const { name, questions } = model;
    for (const form of Object.keys(forms)) {
      test(`${name}, each alone, ${form}`, async () => {
        const wrong = [];
        for (const question of questions) wrong.push(await ask(model, form, question));
        none(wrong);
      });
    }

    test(`${name}, ${atOnce} at once`, async () => {
      const random = new Random(7);
      for (let round = 0; round < rounds; round++) {
        const tasks = Object.keys(forms).flatMap((form) =>
          questions.map((question) => () => ask(model, form, question)),
        );
        none(await inFlight(atOnce, shuffled(tasks, random)));
      }
    });

    test(`${name}, in rows, alone and at once`, async () => {
      const requests = await rowRequests(model);
      const asked = requests.map((rows) => () => askInRows(name, rows));
      const alone = await inFlight(1, asked);
      const crowd = await inFlight(atOnce, [...asked, ...asked.toReversed()]);
      const rejected = [...alone, ...crowd].filter((outcome) => outcome instanceof Rejection);
      none([...alone, ...crowd].filter((outcome) => typeof outcome === 'string'));
      for (const { status, message } of rejected) {
        assert.equal(status, 400, message);
        assert.match(message, /\w+ \w+ \w+/);
      }
      if (withRows.includes(name)) assert.equal(rejected.length, 0, rejected[0]?.message);
      else assert.ok([0, alone.length + crowd.length].includes(rejected.length), 'now rejected, now answered');
      if (withoutRows.includes(name)) assert.notEqual(rejected.length, 0);
    });
  }

  async function askInRows(name: string, rows: readonly Question[]): Promise<string | Rejection | undefined> {
    try {
      return await rowFormDiffers(described.get(name) as ServedModel, firstAxes(rows[0] as Question), rows);
    } catch (error) {
      return error instanceof Rejection ? error : (error as Error).message;
    }
  }
});

/** All of these models take their rows along axis 0. */
const firstAxes = ({ given }: Question): Axes => new Map(Object.keys(given).map((name) => [name, 0]));

/** Several rows a request: a case's own, or those of several cases of one size; each with what it gets alone. */
async function rowRequests({ path, questions }: RecordedModel): Promise<Question[][]> {
  const engine = await InProcessEngine.load(readFileSync(path));
  const bySize = new Map<string, Question[]>();
  for (const question of questions) {
    const axes = firstAxes(question);
    for (let row = 0; row < rowsIn(question.given, axes); row++) {
      const given = sliceRows(question.given, axes, row, row + 1);
      const sizes = sizesBesideRows(given, axes);
      bySize.set(sizes, [...(bySize.get(sizes) ?? []), { given, expected: await engine.run(given) }]);
    }
  }
  await engine.release();
  return [...bySize.values()].flatMap((rows) =>
    Array.from({ length: Math.ceil(rows.length / rowsAtOnce) }, (_, at) =>
      rows.slice(at * rowsAtOnce, (at + 1) * rowsAtOnce),
    ),
  );
}

function shuffled<Item>(items: readonly Item[], random: Random): Item[] {
  const mixed = [...items];
  for (let at = mixed.length - 1; at > 0; at--) {
    const other = random.integer(at + 1);
    [mixed[at], mixed[other]] = [mixed[other] as Item, mixed[at] as Item];
  }
  return mixed;
}

function none(sentences: readonly (string | undefined)[]): void {
  const wrong = sentences.filter((sentence) => sentence !== undefined);
  assert.equal(wrong.slice(0, 5).join('\n'), '', `${wrong.length} of ${sentences.length} answers are wrong`);
}
