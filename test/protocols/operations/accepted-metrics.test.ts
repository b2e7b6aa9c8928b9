import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { startTestServer } from '../test-server.js';

const { app } = await startTestServer({ after });

const prometheus2 =
  'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1';
const prometheus3 =
  'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1';

const worlds: readonly [string, string | undefined, boolean][] = [
  ['nobody who says nothing', undefined, false],
  ['no browser', 'text/html,application/xhtml+xml,*/*;q=0.8', false],
  ['who names it', 'application/openmetrics-text', true],
  ['in whatever letters', 'Application/OpenMetrics-Text; Version=1.0.0', true],
  ['Prometheus 2', prometheus2, true],
  ['Prometheus 3', prometheus3, true],
  ['not who likes plain text better', 'application/openmetrics-text;q=0.3, text/plain;q=0.9', false],
  ['not who does not take it', 'application/openmetrics-text;q=0, */*', false],
  ['not by a name that is longer', 'application/openmetrics-text2', false],
];

for (const [title, accept, isServed] of worlds) {
  test(`OpenMetrics is for ${title}`, async () => {
    for (const url of ['/metrics', '/monitoring/prometheus/metrics']) {
      const { headers, body } = await app.inject({ url, headers: accept === undefined ? {} : { accept } });
      const type = isServed
        ? 'application/openmetrics-text; version=1.0.0; charset=utf-8'
        : 'text/plain; version=0.0.4';
      assert.equal(headers['content-type'], type);
      assert.equal(body.endsWith('# EOF\n'), isServed);
    }
  });
}
