import type { AliasRecord } from '../../contracts/records.js';
import { Field } from '../../components/field.decorator.js';

export class AliasDto implements AliasRecord {
  @Field({
    type: 'string',
    required: true,
    minLength: 1,
    doc: 'Root path, such as `hello` or `.well-known/agent.json`.',
  })
  readonly alias: string;

  @Field({ type: 'string', required: true, doc: 'Path of the channel that the alias serves.' })
  readonly target: string;

  @Field({
    type: { map: 'string' },
    doc: "Request header to JMESPath over `{value}`, whose result is merged into the request's headers.",
  })
  readonly headerMap?: Readonly<Record<string, string>>;
}
