import type { ProtectedRecord } from '../../contracts/records.js';
import { Field } from '../field.decorator.js';
import { ComponentDto } from './component.dto.js';
import { PathRuleDto } from './path-rule.dto.js';

/** What channels and services protect alike. */
export class ProtectedDto extends ComponentDto implements ProtectedRecord {
  @Field({ type: 'string', doc: 'Id of the token record for users.' })
  readonly authToken?: string;

  @Field({ type: 'string', doc: 'Id of the token record for guests.' })
  readonly anonymousToken?: string;

  @Field({
    type: { map: () => PathRuleDto },
    doc: 'Rules by path: a path, `path/*` for everything below it, or `*` for all; the most specific rule wins.',
  })
  readonly paths?: Readonly<Record<string, PathRuleDto>>;
}
