import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parsedAsWritten } from '../../json/json-text.js';
import { claimPlanOf } from './claim-plan.js';
import { payloadText } from './payload-text.js';

const planOf = (...elements: string[]) =>
  claimPlanOf(
    elements.map((element) => ({ name: element, element })),
    '',
  ).plan;
/** The payload with one claim at that element, of that value. */
const withClaim = (sent: string, element: string, value: unknown) =>
  payloadText(sent, planOf(element).apply({ [element]: value }));

describe('the payload of an event', () => {
  const sent = '{"n":9007199254740993, "d":1.10}';

  it('is what the client sent, as it was written, where no claim has an element', () => {
    expect(payloadText(sent, planOf().apply({}))).toBe(`{"parameters":${sent}}`);
  });
  it('has claims beside the parameters', () => {
    expect(withClaim(sent, 'user.id', '7')).toBe(`{"parameters":${sent},"user":{"id":"7"}}`);
  });
  it('has claims of one object together', () => {
    const applied = planOf('user.id', 'tenant', 'user.name').apply({ 'user.id': 1, tenant: 't', 'user.name': 'x' });
    expect(payloadText('[]', applied)).toBe('{"parameters":[],"user":{"id":1,"name":"x"},"tenant":"t"}');
  });
  it('has a claim in the place of what the client sent there, all else as it was written', () => {
    expect(withClaim('{"n":9007199254740993, "owner" : "eve" ,"d":1.10}', 'parameters.owner', 'me')).toBe(
      '{"parameters":{"n":9007199254740993, "owner" : "me" ,"d":1.10}}',
    );
  });
  it('has a claim among parameters that lack it', () => {
    expect(withClaim(sent, 'parameters.owner.id', 7)).toBe(
      '{"parameters":{"n":9007199254740993, "d":1.10,"owner":{"id":7}}}',
    );
  });
  it.each(['[{"owner":"eve"}]', '"text"', 'null'])('has an object with the claim instead of %s', (list) => {
    expect(withClaim(list, 'parameters.owner', 'me')).toBe('{"parameters":{"owner":"me"}}');
  });
  it('may be a claim as a whole', () => {
    expect(withClaim(sent, 'parameters', { a: 1 })).toBe('{"parameters":{"a":1}}');
  });
  it('lacks what the client sent in the place of a claim that the token does not have', () => {
    const { apply, nobody } = ((plan) => ({ apply: plan.apply.bind(plan), nobody: plan.nobody }))(
      planOf('parameters.owner', 'user.id'),
    );
    for (const applied of [apply({}), nobody])
      expect(payloadText('{"owner":"eve","d":1.10}', applied)).toBe('{"parameters":{"d":1.10}}');
    expect(payloadText('{"owner":"eve"}', planOf('parameters').nobody)).toBe('{"parameters":{}}');
  });
  it("has a client's members called like claims nowhere but among its parameters", () => {
    expect(withClaim('{"user":{"id":"eve"}}', 'user.id', '7')).toBe(
      '{"parameters":{"user":{"id":"eve"}},"user":{"id":"7"}}',
    );
  });
  it('counts an escaped name as the name that it is', () => {
    expect(JSON.parse(withClaim(String.raw`{"\u006fwner":"eve"}`, 'parameters.owner', 'me'))).toEqual({
      parameters: { owner: 'me' },
    });
  });
});

describe('whatever a client sends', () => {
  const name = fc.constantFrom('owner', 'a', 'id', '__proto__', 'x"y');
  const sentValue = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      fc.constantFrom('1.10', '9007199254740993', '"eve"', 'null', 'true', '1E400'),
      fc.array(tie('value'), { maxLength: 3 }).map((items) => `[ ${items.join(' , ')} ]`),
      tie('object'),
    ),
    object: fc
      .uniqueArray(fc.tuple(name, tie('value')), { maxLength: 4, selector: ([key]) => key })
      .map((members) => `{ ${members.map(([key, text]) => `${JSON.stringify(key)} :${String(text)}`).join(' ,')} }`),
  }));
  const sent = sentValue.value as fc.Arbitrary<string>;
  const elements = ['parameters.owner', 'parameters.a.id', 'user.id'];
  const at = (payload: unknown, element: string) =>
    element
      .split('.')
      .reduce<unknown>((value, step) => (value as Record<string, unknown> | undefined)?.[step], payload);

  it("the value at a claim's element is the token's", () => {
    fc.assert(
      fc.property(sent, fc.constantFrom(...elements), fc.jsonValue(), (text, element, value) => {
        fc.pre(value !== null);
        expect(JSON.stringify(at(JSON.parse(withClaim(text, element, value)), element))).toBe(JSON.stringify(value));
      }),
      { numRuns: 1000 },
    );
  });
  it('nothing stands at the element of a claim that the token lacks', () => {
    fc.assert(
      fc.property(sent, fc.constantFrom(...elements), (text, element) => {
        const payload = JSON.parse(payloadText(text, planOf(element).nobody)) as unknown;
        const own = element.split('.').reduce<unknown>((value, step) => {
          const isObject = typeof value === 'object' && value !== null && Object.hasOwn(value, step);
          return isObject ? (value as Record<string, unknown>)[step] : undefined;
        }, payload);
        expect(own).toBeUndefined();
      }),
      { numRuns: 1000 },
    );
  });
  it('its other members stay, in their order and with their numbers as they were written', () => {
    fc.assert(
      fc.property(sentValue.object, (text) => {
        const others = (json: string) => {
          const { owner: _owner, ...rest } = parsedAsWritten(json) as Record<string, unknown>;
          return JSON.stringify(rest);
        };
        const payload = withClaim(text, 'parameters.owner', 'me');
        const parameters = payload.slice('{"parameters":'.length, -1);
        expect(others(parameters)).toBe(others(text));
      }),
      { numRuns: 1000 },
    );
  });
});
