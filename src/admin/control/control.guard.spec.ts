import { describe, expect, it } from '@jest/globals';
import type { ExecutionContext } from '@nestjs/common';
import type { AdminAuthGuard } from '../access/admin-auth.guard.js';
import type { AdminOptions } from '../admin-options.js';
import { IdentityFault } from '../../contracts/identities.js';
import type { GateVerdict } from '../../contracts/token-gate.js';
import { Refused } from '../../low-rate/refused.js';
import { Authority } from '../roles.js';
import { ControlGuard } from './control.guard.js';

const MISSING = new Refused('TOKEN_MISSING');
const INVALID = new Refused('TOKEN_INVALID');
const AWAY = new IdentityFault(503, 503, 'away');
type Gate = Extract<GateVerdict, { kind: 'refused' }>['error'];
const refused = (error: Gate): GateVerdict => ({ kind: 'refused', error });
const caller = (...roles: string[]): GateVerdict => ({ kind: 'caller', id: 'u', roles });

interface Given {
  /** Why it is no administrator; null: it is one, with these roles. */
  readonly administrator: Error | readonly string[];
  /** Null: it is not asked. */
  readonly gate?: GateVerdict | null;
  readonly roles?: readonly string[];
}

/** True, or the name of the error. */
async function verdict({ administrator, gate = null, roles = ['admin'] }: Given): Promise<unknown> {
  const request: { raw: object; user?: unknown } = { raw: {} };
  const context = { switchToHttp: () => ({ getRequest: () => request }) } as unknown as ExecutionContext;
  const administrators = {
    canActivate: async () => {
      if (administrator instanceof Error) throw administrator;
      request.user = { user: { username: 'ada' }, authority: new Authority(administrator, null) };
      return true;
    },
  } as unknown as AdminAuthGuard;
  const tokens = { callerOf: async () => gate ?? Promise.reject(new Error('unplanned')) };
  const controlToken = gate === null ? null : { record: 'ops', roles };
  const options = { gatewayId: 'shop', controlToken } as unknown as AdminOptions;
  try {
    return await new ControlGuard(administrators, tokens, options).canActivate(context);
  } catch (error) {
    return error instanceof Refused ? error.error : error instanceof IdentityFault ? error.status : error;
  }
}

describe('the Control API', () => {
  it('is for administrators with the role operator', async () => {
    expect(await verdict({ administrator: ['shop:operator'] })).toBe(true);
    expect(await verdict({ administrator: ['*:admin'] })).toBe(true);
    expect(await verdict({ administrator: ['shop:editor', 'bank:admin'] })).toBe('ROLE_MISSING');
  });
  it('is for nobody else where no token record is named', async () => {
    expect([await verdict({ administrator: MISSING }), await verdict({ administrator: INVALID })]).toEqual([
      ...['TOKEN_MISSING', 'TOKEN_INVALID'],
    ]);
  });
  it.each([
    ['one of the roles', caller('clerk', 'ops'), ['admin', 'ops'], true],
    ['another role', caller('clerk'), ['admin'], 'ROLE_MISSING'],
    ['no role', caller(), ['admin'], 'ROLE_MISSING'],
    ['no role where every user may', caller(), ['*'], true],
  ])('is for users of the token that is named, with %s', async (_title, gate, roles, expected) => {
    expect(await verdict({ administrator: INVALID, gate, roles })).toBe(expected);
  });
  it('goes on for them while the database of administrators is away', async () => {
    expect(await verdict({ administrator: AWAY, gate: caller('admin') })).toBe(true);
    expect(await verdict({ administrator: AWAY, gate: refused('TOKEN_INVALID') })).toBe(503);
  });
  it.each<[Error, Gate, string]>([
    [MISSING, 'TOKEN_MISSING', 'TOKEN_MISSING'],
    [MISSING, 'TOKEN_EXPIRED', 'TOKEN_EXPIRED'],
    [MISSING, 'CSRF_INVALID', 'CSRF_INVALID'],
    [INVALID, 'TOKEN_MISSING', 'TOKEN_INVALID'],
    [INVALID, 'TOKEN_EXPIRED', 'TOKEN_EXPIRED'],
    [MISSING, 'TOKEN_RECORD_MISSING', 'TOKEN_RECORD_MISSING'],
  ])('says of two reasons the one that tells more', async (administrator, gate, expected) => {
    expect(await verdict({ administrator, gate: refused(gate) })).toBe(expected);
  });
  it('does not ask another way where an administrator lacks the role', async () => {
    expect(await verdict({ administrator: ['shop:viewer'], gate: caller('admin') })).toBe('ROLE_MISSING');
  });
  it('hides no mistake of ours', async () => {
    expect(await verdict({ administrator: new TypeError('x'), gate: caller('admin') })).toBeInstanceOf(TypeError);
  });
});
