export interface Instruction {
  /** In capitals. */
  readonly name: string;
  readonly args: string;
}

/** The instructions of a Dockerfile: comments left out, continued lines joined. */
export function parseDockerfile(text: string): Instruction[] {
  const lines = text.split('\n').filter((line) => !/^\s*#/.test(line));
  return lines
    .join('\n')
    .replaceAll(/\\\n\s*/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [, name, args] = /^(\w+)\s+(.*)$/.exec(line) ?? [];
      if (name === undefined || args === undefined) throw new Error(`expected an instruction, got ${line}`);
      return { name: name.toUpperCase(), args: args.trim() };
    });
}

/** The instructions of each stage, its FROM first; what stands before the first FROM is left out. */
export function stagesOf(instructions: readonly Instruction[]): Instruction[][] {
  const stages: Instruction[][] = [];
  for (const instruction of instructions) {
    if (instruction.name === 'FROM') stages.push([]);
    stages.at(-1)?.push(instruction);
  }
  return stages;
}
