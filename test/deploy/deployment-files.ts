import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import type { Config } from '../../src/config/config.js';
import { loadConfig } from '../../src/config/load-config.js';
import { projectRoot } from '../../tools/project-root.js';

export const projectPath = (path: string): string => join(projectRoot(), path);

export const projectText = (path: string): string => readFileSync(projectPath(path), 'utf8');

export const readYaml = <Shape>(path: string): Shape => parse(projectText(path), { merge: true }) as Shape;

export const readYamlDocuments = <Shape>(path: string): Shape[] =>
  parseAllDocuments(projectText(path)).map((document) => document.toJS() as Shape);

/** What the server makes of these variables; throws where it would refuse them. The folder of models is not looked at. */
export const configFrom = (variables: Readonly<Record<string, string | number>>): Config =>
  loadConfig({
    env: {
      ...Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, String(value)])),
      SLIPWAY_MODELS: projectPath('models'),
    },
    argv: [],
    cwd: projectRoot(),
  });
