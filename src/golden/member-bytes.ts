const quote = 0x22;
const backslash = 0x5c;
const [comma, colon] = [0x2c, 0x3a];
const opening: readonly (number | undefined)[] = [0x7b, 0x5b];
const closing: readonly (number | undefined)[] = [0x7d, 0x5d];

/**
 * The text of a member of the object that a JSON text is, as it stands there: a number keeps all of its digits. Undefined
 * where the object has no such member. The text is known to be JSON.
 */
export function memberBytes(json: Buffer, name: string): Buffer | undefined {
  const wanted = JSON.stringify(name);
  let found: Buffer | undefined;
  let depth = 0;
  let text = '';
  /** Where the value of the wanted member begins; -1 in others. */
  let begin = -1;
  for (let at = 0; at < json.length; at++) {
    const byte = json[at];
    if (byte === quote) {
      const end = endOfString(json, at);
      if (depth === 1 && begin < 0) text = json.toString('utf8', at, end);
      at = end - 1;
    } else if (opening.includes(byte)) depth++;
    else if (depth === 1 && byte === colon) begin = text === wanted ? at + 1 : -1;
    else if (depth === 1 && (byte === comma || closing.includes(byte))) {
      // Of several members of one name the last one counts, as for JSON.parse.
      if (begin >= 0) found = json.subarray(begin, at);
      begin = -1;
      if (byte !== comma) depth--;
    } else if (closing.includes(byte)) depth--;
  }
  return found;
}

function endOfString(json: Buffer, start: number): number {
  let at = start + 1;
  while (at < json.length && json[at] !== quote) at += json[at] === backslash ? 2 : 1;
  return at + 1;
}
