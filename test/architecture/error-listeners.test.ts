import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { test } from 'node:test';
import { projectRoot } from '../../tools/project-root.js';

/**
 * An `error` that nobody hears ends the process. Each place that makes a stream, a socket, a server, a thread or a process
 * says here what hears it: a text of the file that listens, which has to be there.
 */
const heard: Readonly<Record<string, { readonly makes: RegExp; readonly by: readonly [file: string, text: string] }>> =
  {
    'commands/listening.ts': {
      makes: /createServer\(/,
      by: ['commands/listening.ts', "await once(server, 'listening')"],
    },
    'engine/locale-directory.ts': {
      makes: /spawnSync/,
      by: ['engine/locale-directory.ts', 'spawnSync('],
    },
    'workers/listener.ts': { makes: /createServer\(/, by: ['workers/listener.ts', "this.#server.on('error'"] },
    'workers/worker-process.ts': { makes: /fork\(/, by: ['workers/worker-process.ts', "child.on('error'"] },
    'observability/logger.ts': { makes: /destination\(/, by: ['observability/logger.ts', "stream.on('error'"] },
    'processes/fork-server/fork-server.ts': {
      makes: /fork\(/,
      by: ['processes/fork-server/fork-server.ts', "this.#child.on('error'"],
    },
    'processes/launch/spawn-process.ts': {
      makes: /spawn\(/,
      by: ['processes/launch/spawn-process.ts', "child.on('error'"],
    },
    'inference/codec-threads/codec-thread.ts': {
      makes: /new Worker\(/,
      by: ['inference/codec-threads/codec-thread.ts', "this.#thread.on('error'"],
    },
    'protocols/crowd-acceptor.ts': {
      makes: /createServer\(/,
      by: ['protocols/crowd-acceptor.ts', "acceptor.on('error'"],
    },
    'protocols/grpc/grpc-server.ts': {
      makes: /createServer\(/,
      by: ['protocols/grpc/grpc-server.ts', "listener.on('error'"],
    },
    'protocols/http/content-decoding.ts': {
      makes: /createGunzip/,
      by: ['protocols/http/body-collector.ts', ".on('error', onError)"],
    },
    'protocols/http/http-app.ts': {
      makes: /Fastify\(/,
      by: ['protocols/http/listening-errors.ts', "server.on('error'"],
    },
    'protocols/http/response-compression.ts': {
      makes: /createGzip/,
      by: ['protocols/http/response-compression.ts', ".on('error', reject)"],
    },
    // An iterator throws what the stream says.
    'sources/folder/applied-settings.ts': {
      makes: /createReadStream/,
      by: ['sources/folder/applied-settings.ts', 'for await (const chunk of createReadStream('],
    },
    'sources/read-inside.ts': {
      makes: /createReadStream/,
      by: ['sources/read-inside.ts', 'for await (const chunk of createReadStream('],
    },
    'sources/files-beside-model.ts': {
      makes: /createReadStream/,
      by: ['sources/files-beside-model.ts', 'for await (const chunk of createReadStream('],
    },
  };

/** Makes, or joins, something that emits `error`. */
const maker =
  /(?<![.\w])(?:spawn|spawnSync|exec|execFile|fork|createServer|createConnection|createReadStream|createWriteStream|createGzip|createGunzip|createInflate|createDeflate|createBrotli\w+|destination|Fastify)\(|\bzlib\.create\w+|\bnew (?:Worker|Socket|WebSocket|Readable|Writable|Transform|PassThrough|EventEmitter)\(|\bnet\.connect\(|\bhttp\.request\(|\.pipe\(/;

const source = join(projectRoot(), 'src');
const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
const textOf = (name: string): string => readFileSync(join(source, name), 'utf8');

test('whatever can fail by an event has a listener for that', () => {
  const makers = files.map((name) => relative('.', name)).filter((name) => maker.test(textOf(name)));
  assert.deepEqual(
    makers.filter((name) => heard[name] === undefined),
    [],
    'a file makes a stream, a socket, a server, a thread or a process: say in this table who hears its error',
  );
  for (const [name, { makes, by }] of Object.entries(heard)) {
    assert.match(textOf(name), makes, `${name} no longer makes what this table says`);
    const [listener, text] = by;
    assert.ok(textOf(listener).includes(text), `${listener} does not hear the errors of what ${name} makes: ${text}`);
  }
});

test('every program hears what goes wrong with its standard error', () => {
  for (const program of ['main.ts', 'commands/worker-main.ts', 'processes/fork-server/fork-server-main.ts']) {
    assert.ok(textOf(program).includes("process.stderr.on('error'"), program);
  }
});
