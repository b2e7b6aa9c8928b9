import type { CommandEntry } from './command.js';

/** What `slipway` does, by the word behind it. */
export const commands: Readonly<Record<string, CommandEntry>> = {
  serve: {
    form: 'serve [DIR|FILE]',
    summary: 'serve every ONNX model in a folder over HTTP',
    load: async () => {
      const { serve, serveHelp } = await import('./serve.js');
      return { help: serveHelp, run: serve };
    },
  },
  inspect: {
    form: 'inspect FILE',
    summary: 'say what a model file takes and gives, and how it would be served',
    load: async () => {
      const { inspect, inspectHelp } = await import('./inspect.js');
      return { help: inspectHelp, run: inspect };
    },
  },
  sample: {
    form: 'sample MODEL',
    summary: 'print a request that a model takes, to be sent with curl',
    load: async () => {
      const { sample, sampleHelp } = await import('./sample.js');
      return { help: sampleHelp, run: sample };
    },
  },
  doctor: {
    form: 'doctor FILE|DIR',
    summary: 'find what is wrong with models before they are deployed',
    load: async () => {
      const { doctor, doctorHelp } = await import('./doctor.js');
      return { help: doctorHelp, run: doctor };
    },
  },
  golden: {
    form: 'golden check DIR',
    summary: 'ask versions their golden requests; golden record makes some of a server',
    load: async () => {
      const { golden, goldenHelp } = await import('./golden.js');
      return { help: goldenHelp, run: golden };
    },
  },
  health: {
    form: 'health',
    summary: 'ask the server of this machine whether it is ready',
    load: async () => {
      const { health, healthHelp } = await import('./health.js');
      return { help: healthHelp, run: health };
    },
  },
  client: {
    form: 'client URL',
    summary: 'write a TypeScript client of the models that a server has',
    load: async () => {
      const { client, clientHelp } = await import('./client.js');
      return { help: clientHelp, run: client };
    },
  },
  key: {
    form: 'key create ID',
    summary: 'make an API key for --keys',
    load: async () => {
      const { key, keyHelp } = await import('./key.js');
      return { help: keyHelp, run: key };
    },
  },
  completion: {
    form: 'completion SHELL',
    summary: 'print a script by which bash, zsh or fish completes what is typed',
    load: async () => {
      const { completion, completionHelp } = await import('./completion.js');
      return { help: completionHelp, run: (argv) => completion(argv, commands) };
    },
  },
};
