/** The JSON value of a text a person wrote. Throws an Error that says where the text stops being JSON. */
export function parseJsonText(text: string): unknown {
  const body = text.replace(/^\uFEFF/, '');
  if (body.trim() === '') throw new Error('expected a JSON object, got an empty file');
  try {
    return JSON.parse(body);
  } catch (error) {
    throw new Error(`not valid JSON: ${locate(body, (error as Error).message)}`, { cause: error });
  }
}

/** Puts line and column, which an editor shows, in the place of the position, which it does not. */
function locate(text: string, message: string): string {
  const position = /at position (\d+)/.exec(message)?.[1];
  const offset = position === undefined ? text.length : Number(position);
  const before = text.slice(0, offset).split('\n');
  const reason = message.replace(/ in JSON at position .*$| \(line .*$/s, '').replace(/, ".*" is not valid JSON$/s, '');
  return `${reason} at line ${before.length}, column ${before.at(-1)!.length + 1}`;
}
