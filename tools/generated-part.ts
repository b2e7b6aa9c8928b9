const [begin, end] = ['<!-- begin generated -->', '<!-- end generated -->'];

/** The document with what stands between its marks replaced; the rest of it is written by hand. */
export function withGeneratedPart(document: string, generated: string): string {
  const [from, to] = [document.indexOf(begin), document.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`expected "${begin}" and, after it, "${end}" in the document`);
  return `${document.slice(0, from + begin.length)}\n\n${generated}\n\n${document.slice(to)}`;
}
