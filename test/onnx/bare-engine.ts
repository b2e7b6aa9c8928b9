import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { EngineFiles } from '../../src/core/engine-files.js';
import type { PreparedModel } from '../../src/core/model-source.js';
import type { NamedTensor, Tensor } from '../../src/core/tensor.js';

export interface EngineJob {
  readonly files: EngineFiles;
  readonly inputs: Readonly<Record<string, Tensor>>;
  readonly outputs: readonly string[];
}

export type EngineReply = { readonly outputs: readonly NamedTensor[] } | { readonly error: string };

/** Runs prepared models in onnxruntime, in a process of its own that may crash without ending the test. */
export class BareEngine implements Disposable {
  #child: ChildProcess | undefined;

  /** Outputs by name. Inputs that are left out get their defaults, as the server would have it. */
  async run(model: PreparedModel, given: Readonly<Record<string, Tensor>>): Promise<Record<string, NamedTensor>> {
    const inputs: Record<string, Tensor> = { ...given };
    for (const { name, defaultValue } of model.signature.inputs) {
      if (defaultValue !== undefined) inputs[name] ??= defaultValue;
    }
    const reply = await this.#ask({
      files: model.files(),
      inputs,
      outputs: model.signature.outputs.map(({ name }) => name),
    });
    if ('error' in reply) throw new Error(reply.error);
    return Object.fromEntries(reply.outputs.map((output) => [output.name, output]));
  }

  [Symbol.dispose](): void {
    this.#child?.kill('SIGKILL');
  }

  async #ask(job: EngineJob): Promise<EngineReply> {
    this.#child ??= fork(fileURLToPath(new URL('./bare-engine-child.js', import.meta.url)), {
      serialization: 'advanced',
      env: { ...process.env, ORT_DISABLE_TELEMETRY: '1', ALLOW_RELEASED_ONNX_OPSET_ONLY: '0' },
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    const child = this.#child;
    const settled = new AbortController();
    const reply = once(child, 'message', settled).then(([message]) => message as EngineReply);
    const crash = once(child, 'exit', settled).then(([code, signal]): EngineReply => {
      this.#child = undefined;
      return { error: `the engine process ended (${signal ?? code})` };
    });
    child.send(job);
    try {
      return await Promise.race([reply, crash]);
    } finally {
      settled.abort();
      await Promise.allSettled([reply, crash]);
    }
  }
}
