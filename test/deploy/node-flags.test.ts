import assert from 'node:assert/strict';
import { test } from 'node:test';
import { projectText } from './deployment-files.js';

test('the server is started with the same flags of Node everywhere', () => {
  const commands = {
    Dockerfile: /^ENTRYPOINT \["node", (?<flags>.*), "\/app\/dist/m,
    'package.json': /"start": ".*node (?<flags>.*) dist\/bundle\/slipway.js serve"/,
    'src/main.ts': /^#!\/usr\/bin\/env -S node (?<flags>.*)\n/,
    'docs/deployment.md': /`npm ci .* node (?<flags>.*) dist\/bundle\/slipway.js serve`/,
  };
  for (const [file, command] of Object.entries(commands)) {
    const flags = command.exec(projectText(file))?.groups?.flags?.match(/[^\s",]+/g);
    assert.deepEqual(flags, ['--max-semi-space-size=32'], file);
  }
});
