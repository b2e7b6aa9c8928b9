import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withConfigTable } from '../src/config/config-reference.js';
import { projectRoot } from './project-root.js';

const readme = join(projectRoot(), 'README.md');
writeFileSync(readme, withConfigTable(readFileSync(readme, 'utf8')));
