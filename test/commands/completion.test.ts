import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { before, describe, test } from 'node:test';
import { runSlipway } from '../support/slipway-command.js';

describe('slipway completion', () => {
  let script: string;
  before(async () => {
    script = (await runSlipway(['completion', 'bash'])).stdout;
  });

  /** What bash offers for the last of these words. */
  function offered(...words: readonly string[]): readonly string[] {
    const line = `COMP_WORDS=(slipway ${words.map((word) => `'${word}'`).join(' ')}) COMP_CWORD=${words.length}`;
    const program = `${script}\n${line}\n_slipway\nprintf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout, stderr } = spawnSync('bash', ['-c', program], { encoding: 'utf8', cwd: import.meta.dirname });
    assert.equal(stderr, '');
    return stdout.trim().split('\n');
  }

  test('offers the commands, the flags of each, and files', () => {
    assert.deepEqual(offered('ser'), ['serve']);
    assert.deepEqual(offered('serve', '--grpc'), ['--grpc-port']);
    assert.deepEqual(offered('client', '--k'), ['--key-file']);
    assert.ok(offered('inspect', 'completion.test.j').includes('completion.test.js'));
    assert.deepEqual(offered('key', '--port'), ['']);
  });

  test('knows three shells, and says so of any other', async () => {
    assert.match((await runSlipway(['completion', 'zsh'])).stdout, /bashcompinit\n_slipway\(\)/);
    assert.match((await runSlipway(['completion', 'fish'])).stdout, /-f -a doctor -d 'find what is wrong/);
    for (const argv of [[], ['powershell'], ['bash', 'zsh']]) {
      const { code, stderr } = await runSlipway(['completion', ...argv]);
      assert.equal(code, 2);
      assert.match(stderr, /slipway completion bash\|zsh\|fish/);
    }
  });
});

test('slipway alone says what it does, with every command', async () => {
  const { code, stdout } = await runSlipway([]);
  assert.equal(code, 0);
  for (const command of ['serve', 'inspect', 'sample', 'doctor', 'health', 'client', 'key', 'completion']) {
    assert.match(stdout, new RegExp(`^  ${command} .*[a-z]{3}`, 'm'));
  }
});
