import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { byteMutations } from '../../tools/fuzz/byte-mutations.js';
import { damage } from '../../tools/fuzz/damage.js';
import { ModelFolder } from '../support/model-folder.js';
import { writePictureModel } from '../support/picture-models.js';
import { everyModelServes } from '../support/quiet-state.js';
import { Random } from '../support/random.js';
import { ServerProcess } from '../support/server-process.js';
import { writeClassifier, writeEmbedder } from '../support/text-models.js';
import { askGood, type GoodReport } from './good-caller.js';
import { answerFault, text } from './judge.js';
import { knownTasks } from './known-tasks.js';

export interface TaskFolderFuzz {
  readonly folders: number;
  readonly seed: number;
  readonly atOnce?: number;
  readonly onProgress?: (done: number, faults: readonly string[]) => void;
}

export interface TaskFolderReport {
  readonly loaded: number;
  readonly rejected: number;
  /** Tasks that still answered. */
  readonly answered: number;
  readonly faults: readonly string[];
  readonly good: GoodReport;
  readonly isAlive: boolean;
  readonly internalErrors: readonly string[];
  /** The longest that a folder took to be loaded or rejected. */
  readonly slowestMs: number;
}

const kinds = ['embedder', 'sorter', 'classifier', 'detector'] as const;
type Kind = (typeof kinds)[number];

/** Puts folders of models beside others that work, each with one file that is damaged; loads it, asks it, takes it away. */
export async function fuzzTaskFolders({
  folders,
  seed,
  atOnce = 3,
  onProgress,
}: TaskFolderFuzz): Promise<TaskFolderReport> {
  const random = new Random(seed);
  const [folder, patterns] = [new ModelFolder(), new ModelFolder()];
  for (const each of [folder, patterns]) {
    for (const name of ['good', 'embedder']) writeEmbedder(each, name);
    writeClassifier(each, 'sorter');
    for (const kind of ['classifier', 'detector'] as const) writePictureModel(each, kind);
  }
  for (const kind of ['embedder', 'sorter', 'detector']) folder.delete(kind);
  const files = Object.fromEntries(kinds.map((kind) => [kind, filesOf(join(patterns.path, kind))]));
  const server = await ServerProcess.start(['--poll-interval-ms', '0', '--models', folder.path]);
  try {
    await everyModelServes(server);
    const good = askGood(Number(new URL(server.origin).port), await knownTasks());
    const picture = await sharp({ create: { width: 9, height: 7, channels: 3, background: '#f00' } })
      .png()
      .toBuffer();
    const outcome = { loaded: 0, rejected: 0, answered: 0, slowestMs: 0 };
    const faults: string[] = [];
    const isAlive = (): boolean => server.child.exitCode === null && server.child.signalCode === null;
    let begun = 0;

    const ask = async (path: string, body: Buffer | string, contentType: string): Promise<number> => {
      const response = await fetch(server.origin + path, {
        method: 'POST',
        body,
        headers: { 'content-type': contentType },
      });
      const headers = [...response.headers].map(([name, value]) => [name, value] as const);
      const answer = { status: response.status, headers, body: Buffer.from(await response.arrayBuffer()) };
      // A model that is at fault is no fault of the server's, which says so.
      const mayBe = [500, 503].filter(() => text(answer).length > 30);
      const fault = answerFault({ method: 'POST', target: path, mayBe }, answer, folder.path);
      if (fault !== undefined) throw new Error(`${path}: ${answer.status}, ${fault}`);
      return answer.status;
    };
    const work = async (): Promise<void> => {
      while (begun < folders && isAlive()) {
        const name = `m${begun++}`;
        const kind = random.pick(kinds);
        const damaged = random.pick(Object.keys(files[kind] as object).filter((file) => file.endsWith('.json')));
        const content = damagedFile((files[kind] as Files)[damaged] as Buffer, random);
        const label = `${kind}/${damaged}: ${content.toString('latin1', 0, 400)}`;
        try {
          for (const [file, bytes] of Object.entries(files[kind] as Files)) {
            folder.write(file === damaged ? content : bytes, `${name}/${file}`);
          }
          const startedAt = performance.now();
          const status = await ask(`/v2/repository/models/${name}/load`, '', 'application/json');
          outcome.slowestMs = Math.max(outcome.slowestMs, performance.now() - startedAt);
          if (status === 200) outcome.loaded++;
          else outcome.rejected++;
          const path = `/v1/models/${name}/predict`;
          const answered = isText(kind)
            ? await ask(path, '{"instances":["good film"]}', 'application/json')
            : await ask(path, picture, 'image/png');
          if (answered === 200) outcome.answered++;
          const page = await fetch(`${server.origin}/v1/models/${name}`);
          if (page.status !== 200) throw new Error(`GET /v1/models/${name}: ${page.status}`);
          folder.delete(name);
          await ask(`/v2/repository/models/${name}/unload`, '', 'application/json');
        } catch (error) {
          if (faults.length < 100) faults.push(`${(error as Error).message}  <-  ${label}`);
        }
        onProgress?.(begun, faults);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, work));
    const wasAlive = isAlive();
    const goodReport = await good.stop();
    await server.stop();
    const internalErrors = server.log.filter(({ msg }) => /nobody foresaw|uncaught|unhandled/i.test(msg));
    return {
      ...outcome,
      faults,
      good: goodReport,
      isAlive: wasAlive,
      internalErrors: internalErrors.map((line) => JSON.stringify(line).slice(0, 1000)),
    };
  } finally {
    await server.stop('SIGKILL');
    for (const each of [folder, patterns]) each.remove();
  }
}

const isText = (kind: Kind): boolean => kind === 'embedder' || kind === 'sorter';

type Files = Readonly<Record<string, Buffer>>;

function filesOf(directory: string): Files {
  const names = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = names.map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(paths.map((path) => [path.slice(directory.length + 1), readFileSync(path)]));
}

/** Bytes changed, JSON changed, or one value put in the place of another. */
function damagedFile(content: Buffer, random: Random): Buffer {
  switch (random.integer(6)) {
    case 0:
      return byteMutations[random.pick(Object.keys(byteMutations))]!(content, content, random);
    case 1:
      return damage(content, random);
    default: {
      const document = { whole: JSON.parse(content.toString()) as unknown };
      for (let changes = 1 + random.integer(2); changes > 0; changes--) replaceOne(document, random);
      return Buffer.from(JSON.stringify(document.whole) ?? '');
    }
  }
}

const strange: readonly unknown[] = [
  ...[null, true, 0, -1, 1.5, 2 ** 31, 2 ** 53, 1e308, 1e-320, '', 'x', '\u0000', '../../etc/passwd', '(a+)+$', [], {}],
  'x'.repeat(100_000),
  Array.from({ length: 2000 }, (_, at) => at),
  { type: 'Sequence', pretokenizers: [] },
];

/** One member or item somewhere in the document becomes something else, goes, or is doubled. */
function replaceOne(document: { whole: unknown }, random: Random): void {
  const places: (readonly [holder: Record<string, unknown>, name: string])[] = [[document, 'whole']];
  for (let at = 0; at < places.length && places.length < 500; at++) {
    const [holder, name] = places[at]!;
    const value = holder[name];
    if (typeof value !== 'object' || value === null) continue;
    for (const member of Object.keys(value)) places.push([value as Record<string, unknown>, member]);
  }
  const [holder, name] = random.pick(places);
  const kind = random.integer(4);
  if (kind === 0 && holder !== document) delete holder[name];
  else if (kind === 1) holder[`${name}${name}`] = holder[name];
  else if (kind === 2) {
    const [other, key] = random.pick(places);
    // A copy, as it may hold the place itself.
    holder[name] = structuredClone(other[key]);
  } else holder[name] = structuredClone(random.pick(strange));
}
