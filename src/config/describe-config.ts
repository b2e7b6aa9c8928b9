import { settingReferences } from './setting-reference.js';

/** The settings as `slipway serve --help` lists them. */
export function describeConfig(): string {
  const file = [
    '  --config FILE',
    '      JSON file of settings, such as {"port": 8080, "bodyLimitBytes": "64MiB"}: the flags\' names in camelCase.',
    '      (SLIPWAY_CONFIG)',
  ];
  const flags = settingReferences().flatMap(({ flag, placeholder, variables, defaultText, description }) => [
    `  ${placeholder ? `${flag} ${placeholder}` : `${flag}, ${flag.replace('--', '--no-')}`}`,
    ...wrap(description.replaceAll('`', '')).map((line) => `      ${line}`),
    `      (default ${defaultText.replaceAll('`', '')}; ${variables.join(', ')})`,
  ]);
  return [...flags, ...file].join('\n');
}

/** Lines of words, as wide as a terminal allows behind the indentation. */
function wrap(text: string, width = 90): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const line = lines.at(-1);
    if (line === undefined || line.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = `${line} ${word}`;
  }
  return lines;
}
