import { Ajv2020 } from 'ajv/dist/2020.js';
import { projectText } from './deployment-files.js';

export interface Typed {
  readonly apiVersion: string;
  readonly kind: string;
}

interface Schemas {
  readonly kinds: Readonly<Record<string, object>>;
  readonly $defs: Readonly<Record<string, object>>;
}

const { kinds, $defs } = JSON.parse(projectText('test/deploy/schemas/manifests.json')) as Schemas;
const ajv = new Ajv2020({ allErrors: true, strict: false, validateFormats: false });

/** What a cluster would find wrong with the manifest's form, fields that it does not know included; a line each. */
export function manifestProblems(manifest: Typed): string[] {
  const kind = `${manifest.apiVersion}/${manifest.kind}`;
  const schema = kinds[kind];
  if (schema === undefined) return [`there is no schema of ${kind}`];
  const validate = ajv.getSchema(kind) ?? ajv.compile({ $id: kind, ...schema, $defs });
  if (validate(manifest)) return [];
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) => `${kind} ${instancePath} ${message} ${JSON.stringify(params)}`,
  );
}
