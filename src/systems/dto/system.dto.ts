import type { Parameters, SystemRecord } from '../../contracts/records.js';
import { ComponentDto } from '../../components/dto/component.dto.js';
import { Field } from '../../components/field.decorator.js';

/** A backend: how calls get there. */
export class SystemDto extends ComponentDto implements SystemRecord {
  @Field({
    type: 'string',
    required: true,
    minLength: 1,
    doc: 'Protocol: `rpc`, `crud`, `kafka`, `rsocket`, `local`, or the name of an executor that a plug-in registers.',
  })
  readonly executor: string;

  @Field({ type: { map: 'scalar' }, doc: 'Parameters of the executor, with dots in their names.' })
  readonly parameters?: Parameters;
}
