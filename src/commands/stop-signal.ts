/** The first SIGTERM or SIGINT asks to stop; a second one does not wait, after `beforeKill`. */
export function stopSignal(beforeKill: () => void = () => undefined): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.once(signal, () => {
        // Not process.exit(): it would wait for whoever reads the log. The engine processes end by themselves.
        process.once(signal, () => {
          beforeKill();
          process.kill(process.pid, 'SIGKILL');
        });
        resolve(signal);
      });
    }
  });
}
