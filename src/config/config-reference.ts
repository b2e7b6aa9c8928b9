import { settingReferences } from './setting-reference.js';

/** docs/configuration.md's table of settings, as Markdown. `tools/write-config-reference.ts` puts it there. */
export function configTable(): string {
  const rows = settingReferences().map((setting) => {
    const flag = code(setting.placeholder ? `${setting.flag} ${setting.placeholder}` : setting.flag);
    return [flag, setting.variables.map(code).join(', '), setting.defaultText, setting.description];
  });
  return [['Flag', 'Environment', 'Default', 'Meaning'], ['---', '---', '---', '---'], ...rows]
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`)
    .join('\n');
}

const code = (text: string): string => `\`${text}\``;

const begin = '<!-- configuration: written by tools/write-config-reference.ts -->';
const end = '<!-- /configuration -->';

/** The document with the current table between its two markers. Throws where it has no such pair. */
export function withConfigTable(document: string): string {
  const from = document.indexOf(begin);
  const to = document.indexOf(end);
  if (from < 0 || to < from) throw new Error(`expected a line "${begin}" and after it a line "${end}"`);
  return `${document.slice(0, from + begin.length)}\n\n${configTable()}\n\n${document.slice(to)}`;
}
