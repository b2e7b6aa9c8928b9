/**
 * Loaded into a server with `--import`: the first SIGUSR2 begins a CPU profile, the next one ends it and writes it to
 * the file that PROFILE_FILE names.
 */
import { renameSync, writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';

const sampleIntervalUs = 100;
const file = process.env.PROFILE_FILE ?? 'worker.cpuprofile';
const session = new Session();
session.connect();
let isRunning = false;

process.on('SIGUSR2', () => void toggle());

async function toggle(): Promise<void> {
  if (isRunning) {
    const { profile } = await session.post('Profiler.stop');
    writeFileSync(`${file}.part`, JSON.stringify(profile));
    renameSync(`${file}.part`, file);
  } else {
    await session.post('Profiler.enable');
    await session.post('Profiler.setSamplingInterval', { interval: sampleIntervalUs });
    await session.post('Profiler.start');
  }
  isRunning = !isRunning;
}
