import type { Parameters, ServiceRecord } from '../../contracts/records.js';
import { ProtectedDto } from '../../components/dto/protected.dto.js';
import { Field } from '../../components/field.decorator.js';

/** Something that the gateway itself uses: a broker, a file system, a storage of rate limits. */
export class ServiceDto extends ProtectedDto implements ServiceRecord {
  @Field({ type: 'string', minLength: 1, doc: 'What it is: `kafka`, `fs` or `rate`.' })
  readonly type?: string;

  @Field({ type: { map: 'scalar' }, doc: 'Parameters of the service, with dots in their names.' })
  readonly parameters?: Parameters;
}
