/**
 * Texts of 5 to 200 tokens to vectors: Slipway, a Fastify server around the tokenizer and `session.run()`, and the engine alone,
 * which gets the tokens of each text by itself, and of 16 texts of like length. Servers have the first core, callers another;
 * all take turns.
 *
 *   npm run build && node dist/bench/texts.js [--rounds 3] [--seconds 8] [--longest 200]
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { MetricsPage } from '../test/support/metrics-page.js';
import { ModelFolder } from '../test/support/model-folder.js';
import { Random } from '../test/support/random.js';
import { median } from '../test/support/statistics.js';
import { tokenizer } from '../test/support/text-models.js';
import { AnnouncedServer } from './contenders/announced-server.js';
import { launchSlipway } from './contenders/servers.js';
import { pinned } from './machine/cores.js';
import { textEncoder, vocabulary } from './recipes/text-encoder.js';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '8' },
    longest: { type: 'string', default: '200' },
  },
});
const [rounds, seconds, longest] = [Number(values.rounds), Number(values.seconds), Number(values.longest)];
const shortest = 5;
const [serverCore, callerCore] = [[0], [1]];
const random = new Random(7);
const words = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', ...Array.from({ length: vocabulary - 4 }, (_, at) => `w${at}`)];
const lengths = Array.from({ length: 512 }, () => random.between(shortest, longest));
const texts = lengths.map((length) =>
  Array.from({ length: length - 2 }, () => `w${random.integer(vocabulary - 4)}`).join(' '),
);
const bodies = texts.map((text) => JSON.stringify({ instances: [text] }));

execFileSync('taskset', ['--cpu-list', '--pid', String(callerCore[0]), String(process.pid)], { stdio: 'ignore' });
const folder = new ModelFolder();
folder.write(textEncoder(), 'texts/1/model.onnx');
folder.write(tokenizer({ type: 'Whitespace' }, words), 'texts/1/tokenizer.json');
folder.write(
  JSON.stringify({ architectures: ['BertModel'], max_position_embeddings: 512, pad_token_id: 0 }),
  'texts/1/config.json',
);
folder.write(
  JSON.stringify({ task: { type: 'text-embedding', output: 'embedding', pooling: 'none' } }),
  'texts/model.json',
);
const model = join(folder.path, 'texts/1/model.onnx');
const program = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

const servers = {
  Slipway: await launchSlipway(
    { folder: folder.path },
    { cores: serverCore, flags: ['--log-successes-per-second', '0'] },
  ),
  naive: await AnnouncedServer.launch({
    argv: [
      process.execPath,
      program('./contenders/naive-texts.js'),
      model,
      join(folder.path, 'texts/1/tokenizer.json'),
    ],
    cores: serverCore,
  }),
};
await settled(servers.Slipway);

interface Figures {
  readonly perSecond: number;
  readonly p50: number;
}

const figures = new Map<string, Figures[]>();
const note = (name: string, one: Figures): void => {
  figures.set(name, [...(figures.get(name) ?? []), one]);
};
for (let round = 0; round < rounds; round++) {
  for (const [name, server] of Object.entries(servers)) {
    for (const callers of [1, 64])
      note(`${name}, ${callers} ${callers === 1 ? 'caller' : 'callers'}`, await load(server, callers));
  }
  note('engine alone, text by text', raw(lengths.map((length) => [length])));
  const sorted = lengths.toSorted((a, b) => a - b);
  note(
    'engine alone, 16 of like length',
    raw(Array.from({ length: 32 }, (_, at) => sorted.slice(16 * at, 16 * at + 16))),
  );
}
const page = new MetricsPage(await (await fetch(`http://127.0.0.1:${servers.Slipway.port}/metrics`)).text());
const padding = page.sum('slipway_tokens_total', { kind: 'padding' });
const all = page.sum('slipway_tokens_total');
console.log(
  `Node.js ${process.version}; texts of ${shortest} to ${longest} tokens; ${rounds} rounds of ${seconds} s, medians\n`,
);
console.log('| | texts/s | p50 ms |\n| --- | --: | --: |');
for (const [name, of] of figures) {
  const [perSecond, p50] = [median(of.map((one) => one.perSecond)), median(of.map((one) => one.p50))];
  console.log(`| ${name} | ${perSecond.toFixed(0)} | ${p50 === 0 ? '' : p50.toFixed(1)} |`);
}
console.log(`\nof Slipway's tokens ${((100 * padding) / all).toFixed(1)} % were padding`);
for (const server of Object.values(servers)) await server.stop();
folder.remove();

/** Until its rows and its padding were tried out. */
async function settled({ port }: AnnouncedServer): Promise<void> {
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${port}/v1/models/texts/metadata`);
    const { model_info } = (await answer.json()) as {
      model_info: { batching: { pending?: boolean }; task?: { off?: string } };
    };
    if (model_info.task?.off !== undefined) throw new Error(model_info.task.off);
    if (model_info.batching.pending !== true) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function load({ port }: AnnouncedServer, callers: number): Promise<Figures> {
  const agent = new Agent({ keepAlive: true });
  const times: number[] = [];
  const until = performance.now() + 1000 * seconds;
  let next = 0;
  const work = async (): Promise<void> => {
    while (performance.now() < until) {
      const begun = performance.now();
      await ask(port, agent, bodies[next++ % bodies.length] as string);
      times.push(performance.now() - begun);
    }
  };
  await Promise.all(Array.from({ length: callers }, work));
  agent.destroy();
  return { perSecond: times.length / seconds, p50: median(times) };
}

function ask(port: number, agent: Agent, body: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const call = request(
      { host: '127.0.0.1', port, agent, method: 'POST', path: '/v1/models/texts/predict', headers },
      (answer) => {
        if (answer.statusCode !== 200) reject(new Error(`status ${answer.statusCode}`));
        answer.on('end', resolve).resume();
      },
    );
    call.on('error', reject).end(body);
  });
}

function raw(batches: readonly (readonly number[])[]): Figures {
  const file = join(folder.path, 'batches.json');
  writeFileSync(file, JSON.stringify(batches));
  const [command, ...argv] = pinned(
    [process.execPath, program('./raw-texts.js'), model, String(seconds), file],
    serverCore,
  );
  const { rowsPerSecond } = JSON.parse(execFileSync(command as string, argv, { encoding: 'utf8' })) as {
    rowsPerSecond: number;
  };
  return { perSecond: rowsPerSecond, p50: 0 };
}
