const exponents: Readonly<Record<string, number>> = { '': 0, K: 1, M: 2, G: 3, T: 4 };

/** `65536`, `64KiB`, `64Ki`, `1.5 GB`; undefined when the text is no size. KiB are 1024 bytes, KB are 1000. */
export function parseByteSize(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*(?:([KMGT])(I?)B?|B?)$/.exec(text.trim().toUpperCase());
  if (match === null) return undefined;
  const [, amount, prefix = '', binary] = match;
  return Math.round(Number(amount) * (binary ? 1024 : 1000) ** exponents[prefix]!);
}

/** With the largest binary unit that leaves a whole number: `64MiB`, `1500`. */
export function formatByteSize(bytes: number): string {
  const units = ['', 'KiB', 'MiB', 'GiB', 'TiB'];
  let unit = 0;
  let amount = bytes;
  while (amount !== 0 && amount % 1024 === 0 && unit < units.length - 1) {
    amount /= 1024;
    unit++;
  }
  return `${amount}${units[unit]}`;
}
