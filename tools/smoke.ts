import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { projectRoot } from './project-root.js';

/** Does what a newcomer does: `npm start`, the curl that the log offers, Ctrl-C. Exits with 1 where it does not work. */
const server = spawn('npm', ['start', '--', '--port', '0', '--host', '127.0.0.1'], {
  cwd: projectRoot(),
  stdio: ['ignore', 'pipe', 'inherit'],
  detached: true,
});
const timeout = setTimeout(() => fail('no curl was offered within a minute'), 60_000);

let answered = false;
for await (const line of createInterface({ input: server.stdout })) {
  console.log(line);
  const curl = /"msg":"try: (.*)"\}$/.exec(line)?.[1];
  if (curl === undefined) continue;
  const command = JSON.parse(`"${curl}"`) as string;
  const answer = execFileSync('sh', ['-c', command], { encoding: 'utf8' });
  console.log(`$ ${command}\n${answer}`);
  if (!answer.includes('"predictions"')) fail('the answer has no predictions');
  answered = true;
  // The whole process group, as a terminal does.
  process.kill(-(server.pid as number), 'SIGINT');
}
if (server.exitCode === null && server.signalCode === null) await once(server, 'exit');
clearTimeout(timeout);
if (!answered) fail('it ended before it offered a curl');
console.log('npm start works');

function fail(reason: string): never {
  console.error(`smoke test failed: ${reason}`);
  if (server.pid !== undefined && server.exitCode === null) process.kill(-server.pid, 'SIGKILL');
  process.exit(1);
}
