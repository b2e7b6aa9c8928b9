import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { configFrom, projectText } from './deployment-files.js';
import { parseDockerfile, stagesOf } from './dockerfile.js';

const instructions = parseDockerfile(projectText('Dockerfile'));
const stages = stagesOf(instructions);
const last = stages.at(-1)!;
const argsOf = (name: string) => last.filter((instruction) => instruction.name === name).map(({ args }) => args);
const isExecForm = (args: string) => Array.isArray(JSON.parse(args));

describe('the Dockerfile', () => {
  test('starts every stage from an exact version of a slim glibc image of a supported Node', () => {
    const version = instructions.find(({ name, args }) => name === 'ARG' && args.startsWith('NODE_VERSION='))?.args;
    assert.match(version ?? '', /^NODE_VERSION=\d+\.\d+\.\d+$/);
    assert.ok(Number(/=(\d+)/.exec(version!)?.[1]) >= 20);
    assert.ok(stages.length >= 2);
    for (const [from] of stages) assert.match(from!.args, /^node:\$\{NODE_VERSION\}-bookworm-slim( AS \w+)?$/);
  });

  test('copies and never downloads files', () => {
    assert.deepEqual(
      instructions.filter(({ name }) => name === 'ADD'),
      [],
    );
    for (const { args } of instructions) assert.doesNotMatch(args, /\b(curl|wget)\b/);
  });

  test('installs what the lock file says, and only what it needs of Debian', () => {
    const runs = instructions.filter(({ name }) => name === 'RUN').map(({ args }) => args);
    assert.ok(runs.some((args) => /\bnpm ci\b/.test(args)));
    for (const args of runs) {
      assert.doesNotMatch(args, /\bnpm (i|install)\b/);
      assert.doesNotMatch(args, /\bsudo\b/);
      if (!args.includes('apt-get')) continue;
      assert.match(args, /apt-get install --yes --no-install-recommends/);
      assert.match(args, /rm -rf \/var\/lib\/apt\/lists/);
      assert.doesNotMatch(args, /apt-get (dist-)?upgrade/);
    }
  });

  test('runs nothing in the last stage: all it has was copied there', () => {
    assert.deepEqual(argsOf('RUN'), []);
    assert.ok(
      argsOf('COPY').every((args) => !args.includes('--chown')),
      'files belong to root',
    );
  });

  test('copies the dependencies before the sources, so that a change of code installs nothing again', () => {
    const build = stages[0]!.map(({ name, args }) => `${name} ${args}`);
    const install = build.findIndex((line) => line.startsWith('RUN npm ci'));
    const sources = build.findIndex((line) => line.startsWith('COPY src'));
    assert.ok(install > 0 && install < sources);
  });

  test('runs as a user other than root, given by number', () => {
    assert.deepEqual(argsOf('USER'), ['1000:1000']);
  });

  test('has absolute working folders only', () => {
    for (const { name, args } of instructions) if (name === 'WORKDIR') assert.match(args, /^\//);
  });

  test('has an init of its own, copied from where Debian installs it', () => {
    assert.ok(argsOf('COPY').includes('--from=build /usr/bin/tini-static /usr/bin/tini'));
  });

  test('starts the server without a shell between, so that signals reach it', () => {
    for (const name of ['ENTRYPOINT', 'CMD']) {
      assert.equal(argsOf(name).length, 1);
      assert.ok(isExecForm(argsOf(name)[0]!));
    }
    assert.deepEqual(
      [...JSON.parse(argsOf('ENTRYPOINT')[0]!), ...JSON.parse(argsOf('CMD')[0]!)],
      ['/usr/bin/tini', '--', 'node', '/app/dist/bundle/slipway.js', 'serve'],
    );
  });

  test('says how to see whether it is ready, without a shell or curl', () => {
    const [, command] = /\sCMD (\[.*\])$/.exec(argsOf('HEALTHCHECK')[0] ?? '') ?? [];
    // What it asks, and how, is for the tests of that command.
    assert.deepEqual(JSON.parse(command ?? '[]'), ['node', '/app/dist/bundle/slipway.js', 'health']);
  });

  test('sets only settings that exist, and the ports that it exposes', () => {
    const pairs = argsOf('ENV').flatMap((args) => args.split(/\s+/).map((pair) => pair.split('=') as [string, string]));
    const variables = Object.fromEntries(pairs);
    assert.equal(variables.SLIPWAY_MODELS, '/models');
    const { port, grpcPort } = configFrom(variables);
    assert.deepEqual(argsOf('EXPOSE'), [`${port} ${grpcPort}`]);
  });

  test('is labelled as OCI images are', () => {
    const labels = argsOf('LABEL').join(' ');
    for (const label of ['title', 'description', 'version', 'licenses'])
      assert.match(labels, new RegExp(`org\\.opencontainers\\.image\\.${label}="[^"]+"`));
  });

  test('carries the version of the package', () => {
    const { version } = JSON.parse(projectText('package.json')) as { version: string };
    assert.ok(last.some(({ name, args }) => name === 'ARG' && args === `VERSION=${version}`));
  });
});

describe('.dockerignore', () => {
  const lines = projectText('.dockerignore')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));

  test('sends nothing to the build but what the Dockerfile copies', () => {
    assert.equal(lines[0], '*');
    const copied = instructions
      .filter(({ name, args }) => name === 'COPY' && !args.includes('--from'))
      .flatMap(({ args }) => args.split(/\s+/).slice(0, -1));
    for (const path of copied)
      assert.ok(
        lines.some((line) => line.startsWith('!') && `${path}/`.startsWith(`${line.slice(1)}/`)),
        `${path} is copied but not sent`,
      );
    assert.equal(new Set(copied).size, lines.length - 1);
  });
});
