import type { Request } from './wire.js';

export interface Snippet {
  readonly name: string;
  readonly code: string;
}

const shellQuoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
/** A body that is longer is kept in a file. */
const longestBody = 2000;

/** The same request in other words. `hasKey`: whether the server wants one. */
export function snippetsOf(
  { path, contentType, body, fields }: Request,
  base: string,
  hasKey: boolean,
): readonly Snippet[] {
  const url = `${base}/${path}`;
  const isJson = typeof body === 'string';
  const file = isJson ? 'request.json' : `picture.${contentType.split('/')[1]}`;
  const text = isJson && body.length <= longestBody ? body : undefined;
  const parts = { url, contentType, file, text, fields, hasKey };
  return [
    { name: 'curl', code: curl(parts) },
    { name: 'JavaScript', code: javaScript(parts) },
    { name: 'Python', code: python(parts) },
  ];
}

interface Parts {
  readonly url: string;
  readonly contentType: string;
  readonly file: string;
  readonly text: string | undefined;
  readonly fields: Readonly<Record<string, string>> | undefined;
  readonly hasKey: boolean;
}

function curl({ url, contentType, file, text, fields, hasKey }: Parts): string {
  const lines = [`curl -s ${url}`];
  if (hasKey) lines.push('-H "Authorization: Bearer $SLIPWAY_KEY"');
  if (fields !== undefined) {
    lines.push(...Object.entries(fields).map(([name, value]) => `-F ${name}=${value}`), `-F file=@${file}`);
  } else {
    if (contentType !== 'application/json') lines.push(`-H 'Content-Type: ${contentType}'`);
    lines.push(text === undefined ? `--data-binary @${file}` : `-d ${shellQuoted(text)}`);
  }
  return lines.join(' \\\n  ');
}

function javaScript({ url, contentType, file, text, fields, hasKey }: Parts): string {
  const before: string[] = [];
  const headers = hasKey ? ["authorization: 'Bearer ' + key"] : [];
  if (text === undefined) before.push("import { readFile } from 'node:fs/promises';", '');
  let body = text === undefined ? `await readFile('${file}')` : `JSON.stringify(${text})`;
  if (fields === undefined) headers.unshift(`'content-type': '${contentType}'`);
  else {
    before.push('const form = new FormData();');
    for (const [name, value] of Object.entries(fields)) before.push(`form.append('${name}', '${value}');`);
    before.push(`form.append('file', new Blob([${body}]), '${file}');`);
    body = 'form';
  }
  return [
    ...before,
    `const response = await fetch('${url}', {`,
    "  method: 'POST',",
    ...(headers.length === 0 ? [] : [`  headers: { ${headers.join(', ')} },`]),
    `  body: ${body},`,
    '});',
    'console.log(await response.json());',
  ].join('\n');
}

function python({ url, contentType, file, text, fields, hasKey }: Parts): string {
  const headers = hasKey ? ['"Authorization": f"Bearer {key}"'] : [];
  const opened = `open("${file}", "rb")`;
  const sent: string[] = [];
  if (fields === undefined) {
    headers.unshift(`"Content-Type": "${contentType}"`);
    sent.push(`data=${text === undefined ? opened : `${JSON.stringify(text)}.encode()`},`);
  } else sent.push(`data=${JSON.stringify(fields)},`, `files={"file": ${opened}},`);
  if (headers.length > 0) sent.push(`headers={${headers.join(', ')}},`);
  return [
    'import requests',
    '',
    'response = requests.post(',
    ...[`"${url}",`, ...sent].map((line) => `    ${line}`),
    ')',
    'print(response.json())',
  ].join('\n');
}
