import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { publishedModelSchema } from '../src/config/model-config-schema.js';
import { projectRoot } from './project-root.js';

writeFileSync(join(projectRoot(), 'model.schema.json'), publishedModelSchema());
