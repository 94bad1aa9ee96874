import { ApiProperty } from '@nestjs/swagger';
import { IsArray, ValidateNested } from 'class-validator';
import { instanceOf, ReadAs } from '../input/instance-of.js';
import { isObject } from '../input/is-object.js';
import { TextOf } from '../input/rules.js';

const MOST_ROLES = 100;

/** What was a text, and no object, before it was read. */
const texts = new WeakSet<object>();

/** A role of an administrator on a gateway, or a role of another user, which has gateway `*`. */
export class RoleDto {
  @ApiProperty({ type: String, description: 'Id of a gateway; `*`: all.', example: '*' })
  @TextOf(128)
  readonly gateway!: string;

  @ApiProperty({ type: String, description: 'viewer, editor, operator or admin; of other users any text.' })
  @TextOf(128)
  readonly role!: string;
}

export const wasText = (role: RoleDto): boolean => texts.has(role);

/** A list of `{gateway, role}`, or of texts. */
export function RoleList(): PropertyDecorator {
  const read = ReadAs((list) => (Array.isArray(list) && list.length <= MOST_ROLES ? list.map(roleFrom) : null));
  const message = `must be a list of at most ${MOST_ROLES} objects {gateway, role}`;
  const checks = [ValidateNested({ each: true }), IsArray({ message })];
  return (target, key) => {
    read(target, key);
    for (const check of checks) check(target, key);
  };
}

function roleFrom(item: unknown): unknown {
  if (typeof item === 'string') {
    const role = Object.assign(new RoleDto(), { gateway: '*', role: item });
    texts.add(role);
    return role;
  }
  return isObject(item) ? instanceOf(RoleDto, item) : item;
}
