import { describe, expect, it } from '@jest/globals';
import { SessionFault } from './session-fault.js';
import { SessionRunner } from './session-runner.js';
import type { StoredSessions } from './stored-sessions.js';

const SESSION = { id: 's', expire: 9 };
type Fakes = Partial<Record<keyof StoredSessions, (...given: unknown[]) => unknown>>;
const runner = (fakes: Fakes): SessionRunner => new SessionRunner(fakes as unknown as StoredSessions, () => 5);
const event = JSON.stringify({ requestMeta: { origin: { id: 'ada' } }, payload: { parameters: { list: ['user-a'] } } });
const ask = async (fakes: Fakes, path: string, method = 'POST') => {
  const { status, body } = await runner(fakes).handle({ method, target: '/session/user', path, event });
  return { status, ...(JSON.parse(body) as { payload: unknown; result: { error?: { code: number } } }) };
};

describe('the session runner', () => {
  it('answers with an event', async () => {
    const answer = await ask({ touch: async (key) => (key === 'user-ada' ? SESSION : null) }, '/');
    expect(answer).toEqual({
      status: 200,
      payload: { session: SESSION },
      result: { receiveTime: 5, endTime: 5, status: 'SUCCESS' },
    });
  });
  it('says in the result what is wrong', async () => {
    const away = () => Promise.reject(new SessionFault(503, 'away'));
    const answers = [
      await ask({ extend: async () => null }, '/extend'),
      await ask({ touch: away }, '/touch'),
      await ask({}, '/stitch'),
      await ask({}, '/other'),
      await ask({}, '/touch', 'GET'),
    ];
    expect(answers.map(({ status, result }) => [status, result.error?.code])).toEqual(
      [11005, 503, 10009, 3, 405].map((code) => [200, code]),
    );
    expect(answers[1]).toMatchObject({
      payload: {},
      result: { status: 'ERROR', error: { code: 503, message: 'away' } },
    });
  });
  it('throws what it knows nothing of', async () => {
    await expect(ask({ extendList: () => Promise.reject(new Error('bug')) }, '/extendList')).rejects.toThrow('bug');
  });
});
