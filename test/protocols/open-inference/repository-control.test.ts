import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LoadOptions } from '../../../src/core/inference-service.js';
import { ServingError } from '../../../src/core/serving-error.js';
import { RepositoryControl } from '../../../src/protocols/open-inference/repository-control.js';
import { PuppetService } from '../puppet-service.js';

/** Keeps what it is asked to load. Its files come as bytes, not as text. */
function control(takesFiles = true) {
  const loaded: [string, LoadOptions | undefined][] = [];
  const warned: object[] = [];
  const service = new PuppetService([]);
  service.loadModel = async (name, options) => void loaded.push([name, options]);
  service.unloadModel = async (name) => void loaded.push([name, undefined]);
  const readFile = (content: unknown, subject: string): Uint8Array => {
    if (content instanceof Uint8Array) return content;
    throw new ServingError('INVALID_ARGUMENT', `${subject}: expected bytes`);
  };
  const logger = { warn: (details: object) => void warned.push(details) };
  return { loaded, warned, control: new RepositoryControl({ service, logger, takesFiles, readFile }) };
}

test('settings and files of a request to load are passed on as the protocol read them', async () => {
  const { control: repository, loaded, warned } = control();
  const model = Uint8Array.of(1, 2);
  await repository.load('guest', { config: '{}', 'file:1/model.onnx': model });
  await repository.load('guest', { config: null });
  assert.deepEqual(loaded, [
    ['guest', { config: '{}', files: new Map([['1/model.onnx', model]]) }],
    ['guest', {}],
  ]);
  assert.deepEqual(warned, []);
});

test('a file that the protocol cannot read is named by its parameter', async () => {
  const { control: repository, loaded } = control();
  await assert.rejects(repository.load('guest', { config: '{}', 'file:1/model.onnx': true }), {
    code: 'INVALID_ARGUMENT',
    message: 'parameters["file:1/model.onnx"]: expected bytes',
  });
  assert.deepEqual(loaded, []);
});

test('where files are not taken a request that brings one loads nothing', async () => {
  const { control: repository, loaded } = control(false);
  await assert.rejects(repository.load('guest', { config: '{}', 'file:1/model.onnx': Uint8Array.of(1) }), {
    code: 'UNIMPLEMENTED',
  });
  assert.deepEqual(loaded, []);
});

test('parameters without a meaning are told to the log, at most ten of a request', async () => {
  const { control: repository, loaded, warned } = control();
  await repository.load('guest', Object.fromEntries(Array.from({ length: 12 }, (_, at) => [`p${at}`, at])));
  await repository.unload('guest', { unload_dependents: true, config: '{}', 'file:1/model.onnx': '' });
  assert.deepEqual(
    warned.map((details) => (details as { passedOver: string[] }).passedOver),
    [Array.from({ length: 10 }, (_, at) => `p${at}`), ['config', 'file:1/model.onnx']],
  );
  assert.deepEqual(loaded, [
    ['guest', {}],
    ['guest', undefined],
  ]);
});
