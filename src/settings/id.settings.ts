import { IsOptional } from 'class-validator';
import { Choice, Text } from './setting-kinds.js';
import { Setting } from './setting.decorator.js';

export type InstanceNumberKind = 'epoch' | 'constant' | 'ordinal' | 'sequence';

/** com.rierino…EpochNumberGenerator → Epoch: class names of the original count by their last part. */
function withoutClassName(word: string): string {
  const name = word.slice(word.lastIndexOf('.') + 1).replace(/NumberGenerator$/i, '');
  return /^mongo$/i.test(name) ? 'sequence' : name;
}

/** Parts of request ids: `[prefix]-[instance number]-[local increment][partition suffix]`. */
export class IdSettings {
  @Setting('id.prefix', { doc: 'prefix of request ids', defaultText: 'gateway.id' })
  @IsOptional()
  @Text(/^[\x21-\x7e]{1,128}$/, 'at most 128 visible ASCII characters')
  readonly prefix: string | null = null;

  @Setting('id.instanceNum.class', {
    doc: 'generator of the instance number: epoch (ms since 1970, worker, random digits), constant (`id.instanceNum.value`; for one process), ordinal (number at the end of the host name), sequence (the next number of a sequence in the database)',
  })
  @Choice(['epoch', 'constant', 'ordinal', 'sequence'], { alias: withoutClassName })
  readonly instanceNumber: InstanceNumberKind = 'epoch';

  @Setting('id.instanceNum.value', { doc: 'the constant instance number' })
  @IsOptional()
  @Text(/^\d{1,18}$/, 'a whole number of at least 0')
  readonly constantInstance: string | null = null;

  @Setting('id.partition', {
    doc: 'partition of this replica, where it has one: a number (the suffix has four digits: 1 → 0001), any other text as it is, or ordinal (the number at the end of the host name)',
    defaultText: 'environment RUNNER_PARTITION',
  })
  @IsOptional()
  @Text(/^[\x21-\x7e]{1,64}$/, 'a number, ordinal, or at most 64 visible ASCII characters')
  readonly partition: string | null = null;
}
