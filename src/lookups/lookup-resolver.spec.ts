import { describe, expect, it } from '@jest/globals';
import { type LookupProvider, ProviderAway } from './lookup-provider.js';
import { LookupResolver } from './lookup-resolver.js';

/** Keeps values in memory, and the paths that it was asked for. */
class MemoryProvider implements LookupProvider {
  readonly asked: string[] = [];

  constructor(
    readonly name: string,
    private readonly values: Readonly<Record<string, string | Error>>,
  ) {}

  async read(path: string): Promise<string | null> {
    this.asked.push(path);
    await Promise.resolve();
    const value = this.values[path] ?? null;
    if (value instanceof Error) throw value;
    return value;
  }
}

const memory = (values: Readonly<Record<string, string | Error>>, name = 'memory') => new MemoryProvider(name, values);
const sessionOf = (...values: LookupProvider[]) => new LookupResolver({ values, secrets: values }).session();
const resolve = (value: unknown, values: Readonly<Record<string, string | Error>>) =>
  sessionOf(memory(values)).resolve(value);

describe('lookups of a value', () => {
  it('are replaced in all texts, and nowhere else', async () => {
    const value = { a: '${{x}}', '${{x}}': ['#{{y}}!', 5, null, true, { b: '${{x}}${{y}}' }] };
    expect(await resolve(value, { x: '1', y: '2' })).toEqual({
      value: { a: '1', '${{x}}': ['2!', 5, null, true, { b: '12' }] },
      problems: [],
    });
  });
  it('leave the value itself as it is', async () => {
    const value = { a: ['${{x}}'] };
    await resolve(value, { x: '1' });
    expect(value).toEqual({ a: ['${{x}}'] });
  });
  it('are looked for among values or secrets, in order', async () => {
    const first = memory({ a: 'first' });
    const second = memory({ a: 'second', b: 'second' });
    const secrets = memory({ a: 'secret' });
    const session = new LookupResolver({ values: [first, second], secrets: [secrets] }).session();
    expect((await session.resolve(['${{a}}', '${{b}}', '#{{a}}'])).value).toEqual(['first', 'second', 'secret']);
    expect(second.asked).toEqual(['b']);
  });
  it('with a question mark ask the environment only', async () => {
    const other = memory({ A: 'x' }, 'files');
    const session = sessionOf(other, memory({ A: 'y' }, 'environment'));
    expect((await session.resolve('${{?A}}')).value).toBe('y');
    expect((await session.resolve('${{A}}')).value).toBe('x');
    expect(other.asked).toEqual(['A']);
  });
  it('are asked for once in a session, also at the same time', async () => {
    const provider = memory({ a: '1', b: '${{a}}' });
    const session = sessionOf(provider);
    await Promise.all([session.resolve(['${{a}}', '${{b}}']), session.resolve('${{a}}'), session.resolve('x${{b}}')]);
    await session.resolve('${{a}}');
    expect(provider.asked).toEqual(['a', 'b']);
  });
  it('are asked for anew in the next session', async () => {
    const provider = memory({ a: '1' });
    const resolver = new LookupResolver({ values: [provider], secrets: [] });
    await resolver.session().resolve('${{a}}');
    await resolver.session().resolve('${{a}}');
    expect(provider.asked).toEqual(['a', 'a']);
  });
  it('may give members of any name', async () => {
    const { value } = await resolve(JSON.parse('{"__proto__": {"a": "${{x}}"}}'), { x: '1' });
    expect(JSON.stringify(value)).toBe('{"__proto__":{"a":"1"}}');
  });
  it('tell whether a secret took part', async () => {
    const session = sessionOf(memory({ a: '1', b: '#{{a}}', c: '${{b}}' }));
    expect(await session.resolveText('${{a}}')).toEqual({ text: '1', isSecret: false });
    expect(await session.resolveText('x${{c}}')).toEqual({ text: 'x1', isSecret: true });
  });
});

describe('lookups that lead to lookups', () => {
  it('are followed', async () => {
    expect((await resolve('${{a}}', { a: '<#{{b}}>', b: '${{c}}${{c}}', c: 'x' })).value).toBe('<xx>');
  });
  it('in a circle are a problem that names it', async () => {
    const { value, problems } = await resolve({ p: '${{a}}' }, { a: '${{b}}', b: 'x${{c}}', c: '${{b}}' });
    expect(value).toEqual({ p: '${{a}}' });
    expect(problems).toEqual([
      { pointer: '/p', message: '${{a}} leads to another lookup. Lookups lead in a circle: b → c → b.' },
    ]);
  });
  it('in a circle end when they are asked for at the same time', async () => {
    const session = sessionOf(memory({ a: '${{b}}', b: '${{a}}' }));
    const both = await Promise.all([session.resolve('${{a}}'), session.resolve('${{b}}')]);
    expect(both.map(({ problems }) => problems.length)).toEqual([1, 1]);
  });
  it('may go on for sixteen, and no more', async () => {
    const chain = Object.fromEntries(Array.from({ length: 17 }, (_, index) => [`p${index}`, `\${{p${index + 1}}}`]));
    expect((await resolve('${{p2}}', { ...chain, p17: 'end' })).value).toBe('end');
    expect((await resolve('${{p1}}', { ...chain, p17: 'end' })).problems[0]?.message).toContain('more than 16');
  });
  it('do not multiply the work', async () => {
    const values = Object.fromEntries(
      Array.from({ length: 15 }, (_, index) => [`p${index}`, `\${{p${index + 1}}}`.repeat(50)]),
    );
    const provider = memory({ ...values, p15: '' });
    expect(await sessionOf(provider).resolve('${{p0}}')).toEqual({ value: '', problems: [] });
    expect(provider.asked).toHaveLength(16);
  });
  it('do not grow beyond 1 MiB', async () => {
    const values = { a: '${{b}}'.repeat(1000), b: '${{c}}'.repeat(1000), c: '${{d}}'.repeat(1000), d: 'x' };
    const { value, problems } = await resolve('${{a}}', values);
    expect(value).toBe('${{a}}');
    expect(problems[0]?.message).toContain('larger than 1 MiB');
  });
});

describe('a lookup that gives nothing', () => {
  it('is a problem that says where it was looked for and what to do', async () => {
    const files = Object.assign(memory({}, 'files'), { where: (path: string) => `file ${path} in /etc` });
    const { problems } = await sessionOf(memory({}, 'environment'), files).resolve({ a: ['x', '#{{a.b}}'] });
    expect(problems).toEqual([
      {
        pointer: '/a/1',
        message:
          '#{{a.b}} finds nothing. Looked for environment; file a.b in /etc. Set it in one of these places, or correct the path.',
      },
    ]);
  });
  it('is a problem where no provider is set', async () => {
    const { problems } = await new LookupResolver({ values: [], secrets: [] }).session().resolve('${{a}}');
    expect(problems[0]?.message).toContain('no provider is set');
  });
  it('is a problem where a provider is away, though a later one has it', async () => {
    const away = memory({ a: new ProviderAway('the disk is gone') }, 'files');
    const { value, problems } = await sessionOf(away, memory({ a: 'x' })).resolve('${{a}}');
    expect(value).toBe('${{a}}');
    expect(problems[0]?.message).toBe('${{a}} cannot be looked up in files: the disk is gone.');
  });
  it('does not ask again whom it cannot ask at all', async () => {
    const away = memory({ a: new ProviderAway('it is down', { isWhole: true }), b: 'x' });
    const session = sessionOf(away);
    await session.resolve('${{a}}');
    expect((await session.resolve('${{b}}')).problems[0]?.message).toContain('it is down');
    expect(away.asked).toEqual(['a']);
  });
  it('does not show what an unforeseen error holds', async () => {
    const { problems } = await resolve('#{{a}}', { a: new TypeError('hunter2') });
    expect(problems[0]?.message).toContain('it failed (TypeError)');
    expect(problems[0]?.message).not.toContain('hunter2');
  });
  it('is one problem for each place, and for each lookup in a text', async () => {
    const { problems } = await resolve(['${{a}}${{b}}', '${{a}}', '${{'], {});
    expect(problems.map(({ pointer }) => pointer)).toEqual(['/0', '/0', '/1', '/2']);
  });
  it('is told a hundred times and then counted', async () => {
    const { problems } = await resolve(
      Array.from({ length: 150 }, () => '${{a}}'),
      {},
    );
    expect(problems).toHaveLength(101);
    expect(problems.at(-1)?.message).toBe('50 more lookups fail.');
  });
});

describe('values that are no records', () => {
  const nested = (depth: number): unknown => {
    let value: unknown = '${{a}}';
    for (let level = 0; level < depth; level += 1) value = [value];
    return value;
  };
  it('may be nested 256 levels deep', async () => {
    const { value, problems } = await resolve(nested(256), { a: 'x' });
    expect(problems).toEqual([]);
    expect(JSON.stringify(value)).toContain('"x"');
  });
  it.each([257, 100_000])('are a problem %d levels deep', async (depth) => {
    expect((await resolve(nested(depth), { a: 'x' })).problems[0]?.message).toContain('deeper than 256');
  });
  it('are a problem where they hold themselves', async () => {
    const value: Record<string, unknown> = { b: '${{a}}' };
    value['self'] = [value, value];
    expect((await resolve(value, { a: 'x' })).problems.map(({ pointer }) => pointer)).toEqual(['/self/0', '/self/1']);
  });
  it('do not multiply where they share parts', async () => {
    let value: unknown = '${{a}}';
    for (let level = 0; level < 100; level += 1) value = [value, value];
    expect((await resolve(value, { a: 'x' })).problems).toEqual([]);
  });
  it.each([undefined, null, 5, 'x'])('are copied: %j', async (value) => {
    expect(await resolve(value, {})).toEqual({ value, problems: [] });
  });
});
