import { describe, expect, it } from '@jest/globals';
import { anExchange, someStages } from '../../../test/support/an-exchange.js';
import type { ChannelRecord, PathRuleRecord } from '../../contracts/records.js';
import type { CompiledRule } from './compiled-channel.js';
import { RuleCompilers } from './rule-compiler.js';

const NOBODY_CALLS = someStages();
const compiled = (record: ChannelRecord) => new RuleCompilers({}, NOBODY_CALLS).paths(record);

/** What admission says to a method: `public`, or the name of the error. */
function said(rule: CompiledRule): string {
  for (const stage of rule.admission) {
    const verdict = stage.run(anExchange());
    if (verdict instanceof Promise) throw new Error('unplanned: a stage that waits');
    if (verdict !== null) return verdict.kind === 'refusal' ? verdict.error : `status ${verdict.status}`;
  }
  return 'public';
}
function access(rule: PathRuleRecord, method: string): string {
  const path = compiled({ paths: { '/p': rule } }).find('/p');
  return said(path.byMethod.get(method) ?? path.otherwise);
}
function allowOf(rule: PathRuleRecord): string {
  return compiled({ paths: { '/p': rule } }).find('/p').allow;
}

describe('a path without any rule', () => {
  it('is not public', () => {
    const path = compiled({}).find('/p');
    expect(said(path.byMethod.get('GET') ?? path.otherwise)).toBe('TOKEN_MISSING');
  });
});

describe('a rule without methods', () => {
  it.each([
    ['isPublic', { isPublic: true }, 'public'],
    ['isPublic: false', { isPublic: false }, 'TOKEN_MISSING'],
    ['nothing', {}, 'TOKEN_MISSING'],
    ['an empty map of methods', { methods: {}, isPublic: true }, 'public'],
    ['isDisabled', { isDisabled: true }, 'PATH_DISABLED'],
    ['isDisabled and isPublic', { isDisabled: true, isPublic: true }, 'PATH_DISABLED'],
  ])('that says %s lets every method be %j → %s', (_what, rule, expected) => {
    for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']) expect(access(rule, method)).toBe(expected);
  });
});

describe('a method that the rule names', () => {
  it.each([
    ['isPublic', { isPublic: false, methods: { GET: { isPublic: true } } }, 'public'],
    ['isPublic: false on a public path', { isPublic: true, methods: { GET: { isPublic: false } } }, 'TOKEN_MISSING'],
    ['roles on a public path', { isPublic: true, methods: { GET: { roles: ['admin'] } } }, 'TOKEN_MISSING'],
    ['an empty list of roles on a public path', { isPublic: true, methods: { GET: { roles: [] } } }, 'TOKEN_MISSING'],
    ['roles and isPublic', { methods: { GET: { roles: ['admin'], isPublic: true } } }, 'public'],
    ['nothing on a public path', { isPublic: true, methods: { GET: {} } }, 'public'],
    ['nothing on a path that is not public', { methods: { GET: {} } }, 'TOKEN_MISSING'],
    ['isPublic on a disabled path', { isDisabled: true, methods: { GET: { isPublic: true } } }, 'PATH_DISABLED'],
  ])('with %s: %j → %s', (_what, rule, expected) => {
    expect(access(rule, 'GET')).toBe(expected);
  });
});

describe('methods that name neither the method nor *', () => {
  it('refuse it with 405', () => {
    expect(access({ methods: { GET: { isPublic: true } } }, 'POST')).toBe('METHOD_NOT_ALLOWED');
  });
  it('let it be public where the rule is public', () => {
    expect(access({ isPublic: true, methods: { GET: { roles: ['a'] } } }, 'POST')).toBe('public');
  });
  it('refuse it as disabled where the path is', () => {
    expect(access({ isDisabled: true, methods: { GET: {} } }, 'POST')).toBe('PATH_DISABLED');
  });
  it('name those that are there in Allow', () => {
    const path = compiled({ paths: { '/p': { methods: { GET: {}, DELETE: {} } } } }).find('/p');
    const verdict = path.otherwise.admission[0]!.run(anExchange());
    expect(verdict).toMatchObject({ error: 'METHOD_NOT_ALLOWED', headers: ['Allow', 'GET, HEAD, DELETE, OPTIONS'] });
  });
});

describe('the method *', () => {
  it('stands for every method that is not named', () => {
    const rule: PathRuleRecord = { methods: { '*': { isPublic: true }, POST: { roles: [] } } };
    expect([access(rule, 'GET'), access(rule, 'DELETE'), access(rule, 'POST')]).toEqual([
      'public',
      'public',
      'TOKEN_MISSING',
    ]);
  });
});

describe('HEAD', () => {
  it('counts as GET', () => {
    expect(access({ methods: { GET: { isPublic: true } } }, 'HEAD')).toBe('public');
    expect(access({ isPublic: true, methods: { GET: { roles: [] } } }, 'HEAD')).toBe('TOKEN_MISSING');
    expect(access({ methods: { POST: { isPublic: true } } }, 'HEAD')).toBe('METHOD_NOT_ALLOWED');
  });
});

describe('Allow', () => {
  it.each([
    ['all methods where the rule names none', {}, 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS'],
    ['all methods where it names *', { methods: { '*': {} } }, 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS'],
    ['those that it names', { methods: { POST: {} } }, 'POST, OPTIONS'],
    ['HEAD beside GET', { methods: { GET: {} } }, 'GET, HEAD, OPTIONS'],
    [
      'all where the path is public, since the others are too',
      { isPublic: true, methods: { POST: { roles: ['a'] } } },
      'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS',
    ],
  ])('names %s: %j', (_what, rule, expected) => {
    expect(allowOf(rule)).toBe(expected);
  });
});

describe('a refusal for want of a token', () => {
  it('tells the client how to authenticate', () => {
    const rule = compiled({}).find('/p').otherwise;
    expect(rule.admission[0]!.run(anExchange())).toMatchObject({ headers: ['WWW-Authenticate', 'Bearer'] });
  });
  it('is told by explain as well, by the name of its stage', () => {
    const [stage] = compiled({}).find('/p').otherwise.admission;
    expect([stage!.name, stage!.peek!(anExchange())]).toEqual(['authorize', stage!.run(anExchange())]);
  });
});

describe('admission of a public path', () => {
  it('has no stage at all', () => {
    expect(compiled({ paths: { '*': { isPublic: true } } }).find('/p').otherwise.admission).toEqual([]);
  });
});

describe('headers of a rule', () => {
  const record: ChannelRecord = {
    responseHeaders: { 'X-Channel': 'c', 'X-Which': 'channel' },
    paths: {
      '/p': {
        responseHeaders: { 'X-Which': 'path', 'x-frame-options': 'SAMEORIGIN' },
        methods: { GET: { responseHeaders: { 'x-which': 'method' } }, '*': {} },
      },
    },
  };
  const paths = new RuleCompilers({ 'X-Frame-Options': 'DENY' }, NOBODY_CALLS).paths(record);

  it('have the method win over the path, the path over the channel', () => {
    expect(paths.find('/p').byMethod.get('GET')!.headers).toEqual(expect.arrayContaining(['x-which', 'method']));
    expect(paths.find('/p').otherwise.headers).toEqual(expect.arrayContaining(['X-Which', 'path', 'X-Channel', 'c']));
    expect(paths.find('/q').otherwise.headers).toEqual([
      'X-Frame-Options',
      'DENY',
      'X-Channel',
      'c',
      'X-Which',
      'channel',
    ]);
  });
  it('stand once each, whatever the case of their names', () => {
    expect(paths.find('/p').otherwise.headers).toEqual([
      ...['x-frame-options', 'SAMEORIGIN', 'X-Channel', 'c', 'X-Which', 'path'],
    ]);
  });
  it('are known by name, so that no runner sets them', () => {
    expect([...paths.find('/p').otherwise.ownHeaders]).toEqual(['x-frame-options', 'x-channel', 'x-which']);
  });
});

describe('what a rule says of errors and logs', () => {
  it('is off unless it says so', () => {
    const rule = compiled({ paths: { '/p': {} } }).find('/p').otherwise;
    expect([rule.returnsErrorPayload, rule.logsDetailAsInfo]).toEqual([false, false]);
  });
  it('holds for each of its methods', () => {
    const record = { returnErrorPayload: true, logDetailAsInfo: true, methods: { GET: {}, '*': {} } };
    const path = compiled({ paths: { '/p': record } }).find('/p');
    for (const rule of [path.byMethod.get('GET')!, path.otherwise])
      expect([rule.returnsErrorPayload, rule.logsDetailAsInfo]).toEqual([true, true]);
  });
});
