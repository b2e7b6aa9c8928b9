import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { publishedModelSchema } from '../src/config/published-model-schema.js';
import { projectRoot } from './project-root.js';

writeFileSync(join(projectRoot(), 'model.schema.json'), publishedModelSchema());
