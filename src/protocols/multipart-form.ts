import { invalidArgument } from '../core/serving-error.js';

/** A part of a form: a file, or a field. */
export interface FormPart {
  readonly name: string;
  readonly isFile: boolean;
  readonly bytes: Buffer;
}

const mostParts = 1024;
const lineEnd = Buffer.from('\r\n');
const headEnd = Buffer.from('\r\n\r\n');

/** The parts of a body of multipart/form-data (RFC 7578). Throws INVALID_ARGUMENT where it is none. */
export function readMultipartForm(body: Buffer, contentType: string): FormPart[] {
  const named = /;\s*boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i.exec(contentType);
  const boundary = named?.[1] ?? named?.[2];
  if (boundary === undefined) throw invalidArgument('the content type multipart/form-data has no boundary');
  const delimiter = Buffer.from(`--${boundary}`);
  const parts: FormPart[] = [];
  let at = body.indexOf(delimiter);
  for (;;) {
    if (at < 0) throw invalidArgument('the form ends before its last boundary');
    const start = at + delimiter.length;
    if (body.toString('latin1', start, start + 2) === '--') return parts;
    if (parts.length === mostParts) throw invalidArgument(`the form has more than ${mostParts} parts`);
    const next = body.indexOf(Buffer.concat([lineEnd, delimiter]), start);
    if (next < 0) throw invalidArgument('the form ends before its last boundary');
    parts.push(partOf(body.subarray(start, next)));
    at = next + lineEnd.length;
  }
}

/** The rest of the boundary's line, headers, an empty line, and what the part holds. */
function partOf(part: Buffer): FormPart {
  const end = part.indexOf(headEnd);
  const head = end < 0 ? '' : part.toString('utf8', 0, end);
  const disposition = /^content-disposition:\s*form-data(.*)$/im.exec(head)?.[1];
  const name = disposition === undefined ? undefined : /;\s*name="([^"]*)"/i.exec(disposition)?.[1];
  if (name === undefined) throw invalidArgument('a part of the form has no name');
  return { name, isFile: /;\s*filename/i.test(disposition ?? ''), bytes: part.subarray(end + headEnd.length) };
}
