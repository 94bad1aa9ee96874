import type { ComponentKind } from '../contracts/records.js';
import { schemaOfKind } from './check/record-kinds.js';
import type { JsonSchema } from './schema-of.js';

const WHAT_IT_IS: Readonly<Record<ComponentKind, string>> = {
  system: 'A system is a backend: how calls get there.',
  channel: 'A channel is what clients call: a target on a system, and who may call which path of it.',
  service: 'A service is what the gateway itself uses: a broker, a file system, a storage of rate limits.',
  token: 'A token is a kind of token that the gateway issues and accepts.',
};
const HOW_IT_IS_READ =
  'This describes the fields of the record: what stands in data, or beside id in the flat form. The gateway also takes numbers ' +
  'and booleans written as text, null for what is missing, and the names of the original; it keeps unknown fields, with a warning.';

/** The schema of a kind as editors and other programs take it (docs/schemas/, JSON Schema 2020-12). */
export function publishedSchemaOf(kind: ComponentKind): JsonSchema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: `urn:sluice:schema:${kind}`,
    title: `Sluice ${kind}`,
    description: `${WHAT_IT_IS[kind]} ${HOW_IT_IS_READ}`,
    ...schemaOfKind(kind),
  };
}

/** The file of docs/schemas/, made by `npm run docs`. */
export function renderPublishedSchema(kind: ComponentKind): string {
  return `${JSON.stringify(publishedSchemaOf(kind), null, 2)}\n`;
}
