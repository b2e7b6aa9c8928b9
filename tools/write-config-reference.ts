import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withConfigTable } from '../src/config/config-reference.js';
import { projectRoot } from './project-root.js';

const page = join(projectRoot(), 'docs', 'configuration.md');
writeFileSync(page, withConfigTable(readFileSync(page, 'utf8')));
