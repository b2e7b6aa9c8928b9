const keptCharacters = 8192;
// biome-ignore lint/suspicious/noControlCharactersInRegex: colours of the engine's log begin with one.
const colours = /\u001b\[[0-9;]*m/g;
/** Frames of a native stack trace and its rulers say nothing to an operator. */
const isNoise = (line: string): boolean => /^[\s#]*$|^\s*\d+: 0x|^<?-{3}|stack ?trace/i.test(line);

/** The end of a text stream. */
export class TextTail {
  #text = '';

  push(chunk: string): void {
    this.#text = (this.#text + chunk).slice(-keptCharacters);
  }

  /** The last line, or few, that says something; empty when none does. */
  summary(lines = 2): string {
    const telling = this.#text
      .replace(colours, '')
      .split('\n')
      .filter((line) => !isNoise(line));
    return telling
      .slice(-lines)
      .map((line) => line.replace(/^[#\s]+/, '').trim())
      .join('; ');
  }
}
