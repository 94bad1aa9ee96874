import { Param, type PipeTransform } from '@nestjs/common';
import { inputRefused } from './input-faults.js';

/** Of users and keys: a random UUID, or what an import gave it. */
const ID = /^[^\p{Cc}\p{Cs}/]{1,128}$/u;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

class IdPipe implements PipeTransform<unknown, string> {
  constructor(
    private readonly form: RegExp,
    private readonly expected: string,
  ) {}

  transform(value: unknown): string {
    if (typeof value === 'string' && this.form.test(value)) return value;
    throw inputRefused([{ pointer: '/id', message: `of the path must be ${this.expected}` }]);
  }
}

export const RecordId = (): ParameterDecorator => Param('id', new IdPipe(ID, 'text of 1 to 128 characters'));
export const UuidId = (): ParameterDecorator => Param('id', new IdPipe(UUID, 'a UUID'));
