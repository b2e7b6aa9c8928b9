import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, describe, test } from 'node:test';
import { type Browser, chromium, type Locator, type Page } from 'playwright-core';
import sharp from 'sharp';
import { projectPath } from '../deploy/deployment-files.js';
import { ModelFolder } from '../support/model-folder.js';
import { writePictureModel } from '../support/picture-models.js';
import { everyModelServes } from '../support/quiet-state.js';
import { ServerProcess } from '../support/server-process.js';
import { writeClassifier, writeEmbedder } from '../support/text-models.js';

const program = '/usr/bin/chromium';
const skip = existsSync(program) ? false : `no browser at ${program}`;
const quiet = ['quic', 'background-networking', 'component-update', 'sync'].map((part) => `--disable-${part}`);
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

describe('the page in a browser', { skip }, () => {
  const folder = new ModelFolder();
  let server: ServerProcess;
  let browser: Browser;
  let page: Page;
  /** What the browser complained about, and what was asked of anybody else. */
  const complaints: string[] = [];

  before(async () => {
    for (const model of ['iris', 'digits', 'greeting-language']) {
      for (const file of ['1/model.onnx', 'model.json']) {
        const path = projectPath(`models/${model}/${file}`);
        if (existsSync(path)) folder.put(path, `${model}/${file}`);
      }
    }
    writeClassifier(folder, 'sorter');
    writeEmbedder(folder, 'embedder');
    for (const kind of ['classifier', 'detector'] as const) writePictureModel(folder, kind);
    server = await ServerProcess.start(['--models', folder.path]);
    [browser] = await Promise.all([
      chromium.launch({ executablePath: program, args: ['--no-sandbox', '--disable-gpu', '--no-first-run', ...quiet] }),
      everyModelServes(server),
    ]);
    page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    page.setDefaultTimeout(30_000);
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    page.on('pageerror', ({ message }) => complaints.push(message));
    page.on('request', (request) => {
      if (!/^(blob:|data:)/.test(request.url()) && !request.url().startsWith(server.origin))
        complaints.push(request.url());
    });
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
    folder.remove();
  });

  const open = async (model: string): Promise<void> => {
    await page.goto(`${server.origin}/#/models/${model}`);
    await page.getByRole('heading', { name: model, level: 1 }).waitFor();
  };
  // biome-ignore lint/performance/useDomNodeTextContent: what is seen, cells apart
  const textOf = (part: Locator): Promise<string> => part.innerText();
  const predict = (): Promise<void> => page.getByRole('button', { name: 'Predict' }).click();
  const answer = async (): Promise<string> => {
    await page.locator('.answer').waitFor();
    return textOf(page.locator('.answer'));
  };
  /** What axe finds wrong for people who do not see, or do not use a mouse. */
  const violations = async (): Promise<string[]> => {
    await page.evaluate(axe);
    const { violations: found } = (await page.evaluate('axe.run()')) as {
      violations: { id: string; nodes: { html: string }[] }[];
    };
    return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`);
  };

  test('every model is listed with its state, and one is opened by its link', async () => {
    await page.goto(server.origin);
    const models = page.getByRole('navigation', { name: 'Models' });
    await models.getByRole('link', { name: /iris/ }).click();
    await page.getByRole('heading', { name: 'iris', level: 1 }).waitFor();
    assert.equal(await models.getByRole('link').count(), 7);
    assert.match(await textOf(models), /serves/);
    assert.deepEqual(await violations(), []);
  });

  test('numbers are filled in by the keyboard alone; the answer has its labels, times, and the request for other programs', async () => {
    await open('iris');
    await page.getByLabel('sepal length (cm)').focus();
    for (const value of ['5.1', '3.5', '1.4', '0.2']) {
      await page.keyboard.press('Control+A');
      await page.keyboard.type(value);
      await page.keyboard.press('Tab');
    }
    await page.keyboard.press('Enter');
    assert.match(await answer(), /setosa/);
    assert.match(await textOf(page.locator('.answer .timing')), /run [\d.]+ ms/);
    const command = await textOf(page.locator('.snippets pre'));
    const again = JSON.parse(execFileSync('bash', ['-c', command], { encoding: 'utf8' }));
    assert.equal(again.predictions[0].label, 'setosa');
    assert.deepEqual(await violations(), []);
  });

  test('what is no number is sent, and the sentence of the server is shown', async () => {
    await open('iris');
    await page.getByLabel('petal width (cm)').fill('wide');
    await predict();
    assert.match(await textOf(page.getByRole('alert')), /400 input "measurements"/);
  });

  test('a link carries a request', async () => {
    const body = '{"instances": [[6.7, 3.0, 5.2, 2.3]]}';
    await page.goto('about:blank');
    await page.goto(`${server.origin}/#/models/iris?${new URLSearchParams({ body })}`);
    assert.equal(await page.getByLabel('Body of the request').inputValue(), body);
    await predict();
    assert.match(await answer(), /virginica/);
  });

  test('a digit is drawn', async () => {
    await open('digits');
    const box = (await page.locator('.sheet canvas').boundingBox()) as { x: number; y: number };
    const strokes = [
      [80, 50],
      [180, 50],
      [110, 210],
    ] as const;
    await page.mouse.move(box.x + strokes[0][0], box.y + strokes[0][1]);
    await page.mouse.down();
    for (const [x, y] of strokes) await page.mouse.move(box.x + x, box.y + y, { steps: 6 });
    await page.mouse.up();
    await predict();
    await answer();
    assert.equal(await textOf(page.locator('.bars tr').first().locator('th')), '7');
    assert.deepEqual(await violations(), []);
  });

  test('a text gets its label, two texts their likeness', async () => {
    await open('greeting-language');
    await page.getByLabel('text').fill('Good morning, everybody');
    await predict();
    assert.match(await answer(), /English/);
    await open('sorter');
    await page.getByLabel('Text', { exact: true }).fill('good film');
    await predict();
    assert.match(await answer(), /up\s+\d+\.\d %\s+down/);
    await open('embedder');
    await page.getByLabel('Text', { exact: true }).fill('good');
    await page.getByLabel(/Text to compare/).fill('good');
    await predict();
    assert.match(await answer(), /1\.000 cosine of 2 dimensions/);
    assert.deepEqual(await violations(), []);
  });

  test('a picture gets its labels, and boxes drawn over it', async () => {
    const buffer = await sharp({ create: { width: 60, height: 30, channels: 3, background: '#fa0a0a' } })
      .png()
      .toBuffer();
    const file = { name: 'red.png', mimeType: 'image/png', buffer };
    await open('classifier');
    await page.getByLabel('Picture', { exact: true }).last().setInputFiles(file);
    assert.match(await answer(), /red\s+\d+/);
    await open('detector');
    await page.getByLabel('Picture', { exact: true }).last().setInputFiles(file);
    assert.match(await answer(), /red \d+/);
    assert.equal(await page.locator('.stage polygon').count(), 1);
    assert.equal(
      await page.locator('.stage img').evaluate((img) => (img as unknown as { naturalWidth: number }).naturalWidth),
      60,
    );
    assert.deepEqual(await violations(), []);
  });

  test('a model that is unloaded meanwhile is said to be, and its requests have the reason', async () => {
    await open('sorter');
    await server.post('/v2/repository/models/sorter/unload', '');
    await page.getByLabel('Text', { exact: true }).fill('good');
    await predict();
    assert.match(await textOf(page.getByRole('alert').first()), /404 .*sorter/s);
    await page.locator('.title [data-state="END"]').waitFor();
    await server.post('/v2/repository/models/sorter/load', '');
    await page.locator('.title [data-state="AVAILABLE"]').waitFor();
  });

  test('on a phone and in the dark it is all there, and nothing is wider than the screen', async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    await page.emulateMedia({ colorScheme: 'dark' });
    await open('iris');
    await predict();
    await answer();
    const widths = await page.evaluate('[document.documentElement.scrollWidth, innerWidth]');
    const [wanted, there] = widths as [number, number];
    assert.ok(wanted <= there, `${wanted} of ${there}`);
    assert.deepEqual(await violations(), []);
    await page.getByRole('link', { name: 'All models' }).click();
    await page.getByRole('navigation', { name: 'Models' }).waitFor();
  });

  test('the browser complained about nothing but what was refused, and asked nobody else', () => {
    assert.deepEqual(
      complaints.filter((complaint) => !/status of (400|404|503)/.test(complaint)),
      [],
    );
  });
});
