import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readMultipartForm } from '../../src/protocols/multipart-form.js';

const form = async (parts: FormData): Promise<readonly [Buffer, string]> => {
  const request = new Request('http://localhost/', { method: 'POST', body: parts });
  return [Buffer.from(await request.arrayBuffer()), request.headers.get('content-type') ?? ''];
};

test('files and fields of what fetch sends, byte for byte', async () => {
  const parts = new FormData();
  const bytes = Uint8Array.from({ length: 600 }, (_, at) => at % 256);
  parts.append('a', new Blob([bytes]), 'a "quoted".jpg');
  parts.append('threshold', '0.5');
  parts.append('empty', new Blob([]), 'empty.png');
  const read = readMultipartForm(...(await form(parts)));
  assert.deepEqual(
    read.map(({ name, isFile }) => [name, isFile]),
    [
      ['a', true],
      ['threshold', false],
      ['empty', true],
    ],
  );
  assert.deepEqual(read[0]?.bytes, Buffer.from(bytes));
  assert.deepEqual([read[1]?.bytes.toString(), read[2]?.bytes.length], ['0.5', 0]);
});

test('a preamble and an epilogue are passed over, a quoted boundary is one', () => {
  const body = 'before\r\n--a b\r\nContent-Disposition: form-data; name="x"\r\n\r\n1\r\n--a b--\r\nafter';
  const [part] = readMultipartForm(Buffer.from(body), 'multipart/form-data; boundary="a b"');
  assert.deepEqual([part?.name, part?.bytes.toString()], ['x', '1']);
});

const type = 'multipart/form-data; boundary=b';
const bad: readonly (readonly [what: string, body: string, type: string, says: RegExp])[] = [
  ['no boundary in its type', '', 'multipart/form-data', /has no boundary/],
  ['nothing in it', '', type, /ends before its last boundary/],
  ['an end that is missing', '--b\r\nContent-Disposition: form-data; name="x"\r\n\r\n1', type, /ends before/],
  ['a part without a name', '--b\r\n\r\n1\r\n--b--', type, /a part of the form has no name/],
  [
    'too many parts',
    `${'--b\r\nContent-Disposition: form-data; name="x"\r\n\r\n\r\n'.repeat(1025)}--b--`,
    type,
    /more than 1024 parts/,
  ],
];

for (const [what, body, contentType, says] of bad)
  test(`a form with ${what} is rejected`, () =>
    assert.throws(() => readMultipartForm(Buffer.from(body), contentType), says));
