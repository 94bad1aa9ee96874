import { Field } from '../../components/field.decorator.js';

export class ClaimDto {
  @Field({ type: 'string', minLength: 1, doc: 'Name of the claim in the token.' })
  readonly name?: string;

  @Field({ type: 'string', doc: 'Type of the value, such as `java.lang.String` or `string[]`; without it, as it is.' })
  readonly class?: string;

  @Field({ type: ['scalar', { list: 'scalar' }], doc: 'Constant value of the claim.' })
  readonly value?: unknown;

  @Field({ type: 'string', doc: "JSON path over the provider's answer that the value is read from." })
  readonly source?: string;

  @Field({ type: 'string', doc: 'Where the claim is put into the payload of a request.' })
  readonly element?: string;

  @Field({
    type: 'string',
    choices: ['ORIGIN_ID', 'ORIGIN_TYPE', 'SESSION_ID', 'ROLES'],
    doc: 'Which part of the metadata the claim fills.',
  })
  readonly special?: string;

  @Field({ type: 'string', doc: 'Where the claim is put into requestMeta.claims.' })
  readonly metaElement?: string;

  @Field({
    type: 'boolean',
    doc: 'Whether the value is taken out of the answer before the client sees it (default false).',
  })
  readonly remove?: boolean;
}
