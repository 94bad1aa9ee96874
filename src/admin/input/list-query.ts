import { ApiPropertyOptional } from '@nestjs/swagger';
import { Optional, WholeOf } from './rules.js';

const MOST_SKIPPED = 1_000_000;
const MOST_LISTED = 1000;

/** Which part of a list. */
export class PageQuery {
  @ApiPropertyOptional({ type: Number, minimum: 0, maximum: MOST_SKIPPED, default: 0 })
  @Optional()
  @WholeOf(0, MOST_SKIPPED)
  readonly skip: number = 0;

  @ApiPropertyOptional({ type: Number, minimum: 1, maximum: MOST_LISTED, default: 100 })
  @Optional()
  @WholeOf(1, MOST_LISTED)
  readonly limit: number = 100;
}

/** `field`, or `-field` from the last. */
export function sortedBy<Field extends string>(sort: string): { readonly by: Field; readonly descending: boolean } {
  const descending = sort.startsWith('-');
  return { by: (descending ? sort.slice(1) : sort) as Field, descending };
}

export const sortWords = (...fields: readonly string[]): readonly string[] =>
  fields.flatMap((field) => [field, `-${field}`]);
