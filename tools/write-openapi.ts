import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openapiYaml } from './openapi-yaml.js';
import { projectRoot } from './project-root.js';

writeFileSync(join(projectRoot(), 'openapi.yaml'), await openapiYaml());
