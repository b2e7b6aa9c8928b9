import type { Answer, ModelEntry, Request, ServerFacts, VersionCounts, VersionStatus } from './wire.js';

/** What the page asks of the server, below whose address it lies: a gateway may have it under a path of its own. */

/** The server says no, in its own sentence. */
export class Refusal extends Error {
  readonly status: number;

  constructor(status: number, sentence: string) {
    super(sentence);
    this.status = status;
  }
}

const keyPlace = 'slipway-key';

/** The API key, until the tab is closed. */
export const apiKey = {
  get: (): string => sessionStorage.getItem(keyPlace) ?? '',
  set: (key: string): void => sessionStorage.setItem(keyPlace, key),
};

/** The server's address, without a slash at its end. */
export const base = new URL('.', document.baseURI).href.replace(/\/$/, '');

const withKey = (): Record<string, string> => (apiKey.get() === '' ? {} : { authorization: `Bearer ${apiKey.get()}` });

/** The sentence of an error in JSON, or the body as it is. */
export function sentenceOf(text: string): string {
  try {
    const { error } = JSON.parse(text) as { error?: unknown };
    if (typeof error === 'string') return error;
  } catch {
    // No JSON: a gateway's, say.
  }
  return text.slice(0, 500);
}

/** Throws a Refusal where the status is none of success. */
async function get<Body>(path: string): Promise<Body> {
  const response = await fetch(`${base}/${path}`, { headers: { accept: 'application/json', ...withKey() } });
  const text = await response.text();
  if (!response.ok) throw new Refusal(response.status, sentenceOf(text));
  return JSON.parse(text) as Body;
}

const named = (name: string): string => `v1/models/${encodeURIComponent(name)}`;

export const getServer = (): Promise<ServerFacts> => get('');
export const getModels = async (): Promise<readonly ModelEntry[]> =>
  (await get<{ models: readonly ModelEntry[] }>('v1/models')).models;
export const getVersions = async (name: string): Promise<readonly VersionStatus[]> =>
  (await get<{ model_version_status: readonly VersionStatus[] }>(named(name))).model_version_status;
export const getMetadata = (name: string): Promise<unknown> => get(`${named(name)}/metadata`);
export const getDocument = (name: string): Promise<unknown> => get(`${named(name)}/openapi.json`);
export const getCounts = async (name: string): Promise<readonly VersionCounts[]> =>
  (await get<{ model_stats: readonly VersionCounts[] }>(`v2/models/${encodeURIComponent(name)}/stats`)).model_stats;

/** Resolves with whatever the server answers. */
export async function send({ path, contentType, body, fields }: Request): Promise<Answer> {
  const begun = performance.now();
  // Of a form the browser says itself where its parts end.
  const headers = { ...(fields === undefined && { 'content-type': contentType }), ...withKey() };
  const sent = fields === undefined ? body : formOf(body, fields);
  const response = await fetch(`${base}/${path}`, { method: 'POST', headers, body: sent });
  const text = await response.text();
  return { status: response.status, text, headers: response.headers, totalMs: performance.now() - begun };
}

function formOf(picture: string | Blob, fields: Readonly<Record<string, string>>): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append('file', picture instanceof Blob ? picture : new Blob([picture]), 'picture');
  return form;
}
