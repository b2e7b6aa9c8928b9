import type { CommandEntry } from './command.js';

export const completionHelp = (): string => `Usage: slipway completion bash|zsh|fish

Prints a script by which the shell completes commands and flags:

  bash   slipway completion bash > ~/.local/share/bash-completion/completions/slipway
  zsh    slipway completion zsh >> ~/.zshrc
  fish   slipway completion fish > ~/.config/fish/completions/slipway.fish`;

interface Completed {
  readonly name: string;
  readonly summary: string;
  readonly flags: readonly string[];
}

const shells: Readonly<Record<string, (all: readonly Completed[]) => string>> = {
  bash: bashScript,
  zsh: (all) => `autoload -U +X compinit bashcompinit && compinit && bashcompinit\n${bashScript(all)}`,
  fish: fishScript,
};

/** Resolves with the exit code. */
export async function completion(
  [shell = '', ...rest]: readonly string[],
  commands: Readonly<Record<string, CommandEntry>>,
): Promise<number> {
  const script = Object.hasOwn(shells, shell) ? shells[shell] : undefined;
  if (script === undefined || rest.length > 0) {
    process.stderr.write(`${completionHelp()}\n`);
    return 2;
  }
  const all = Object.entries(commands).map(async ([name, { summary, load }]) => {
    const { help } = await load();
    return { name, summary, flags: flagsIn(help()) };
  });
  process.stdout.write(script(await Promise.all(all)));
  return 0;
}

/** A command's help names every flag that it takes. */
const flagsIn = (help: string): readonly string[] => [...new Set(help.match(/(?<![\w-])--[a-z][a-z-]*/g)), '--help'];

function bashScript(all: readonly Completed[]): string {
  const cases = all.map(({ name, flags }) => `    ${name}) words="${flags.join(' ')}" ;;`);
  return `_slipway() {
  local typed="\${COMP_WORDS[COMP_CWORD]}" words
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${all.map(({ name }) => name).join(' ')}" -- "$typed"))
    return
  fi
  case "\${COMP_WORDS[1]}" in
${cases.join('\n')}
    *) words="" ;;
  esac
  case "$typed" in
    -*) COMPREPLY=($(compgen -W "$words" -- "$typed")) ;;
    *) COMPREPLY=($(compgen -f -- "$typed")) ;;
  esac
}
complete -o filenames -F _slipway slipway
`;
}

function fishScript(all: readonly Completed[]): string {
  const lines = all.flatMap(({ name, summary, flags }) => [
    `complete -c slipway -n __fish_use_subcommand -f -a ${name} -d '${summary}'`,
    ...flags.map((flag) => `complete -c slipway -n '__fish_seen_subcommand_from ${name}' -l ${flag.slice(2)}`),
  ]);
  return `${lines.join('\n')}\n`;
}
