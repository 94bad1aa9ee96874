import type { ComponentRecord } from '../../contracts/records.js';
import { Field } from '../field.decorator.js';

/** What all four kinds of record have. */
export class ComponentDto implements ComponentRecord {
  @Field({ type: 'string', maxLength: 1024, doc: 'Name for people.' })
  readonly name?: string;

  @Field({ type: 'string', maxLength: 65_536, doc: 'What it is for.' })
  readonly description?: string;

  @Field({ type: 'string', doc: '`ACTIVE`, `A` or missing: in use; anything else is not.' })
  readonly status?: string;

  @Field({ type: { list: 'string' }, doc: 'Ids of the gateways that may use it; empty or missing means all.' })
  readonly gateways?: readonly string[];
}
