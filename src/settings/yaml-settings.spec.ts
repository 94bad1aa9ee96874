import { describe, expect, it } from '@jest/globals';
import type { SettingFault } from './faults.js';
import { readYamlSettings } from './yaml-settings.js';

function read(text: string) {
  const faults: SettingFault[] = [];
  const settings = readYamlSettings(text, 'a.yaml', faults);
  return { faults, pairs: settings.map(({ name, value }) => [name, value]), settings };
}

describe('a YAML file of settings', () => {
  it('may nest, use dotted names, or mix both', () => {
    expect(read('server:\n  port: 1\n  management.port: 2\nlog.level: info\n').pairs).toEqual([
      ['server.port', '1'],
      ['server.management.port', '2'],
      ['log.level', 'info'],
    ]);
  });
  it('keeps values as they are written', () => {
    expect(read('a: 0001\nb: 1e3\nc: yes\nd: "x: y"\ne: |\n  text\n').pairs).toEqual([
      ['a', '0001'],
      ['b', '1e3'],
      ['c', 'yes'],
      ['d', 'x: y'],
      ['e', 'text\n'],
    ]);
  });
  it('has lists of plain values', () => {
    expect(read('a: [1, "2"]\nb:\n  - x\n').pairs).toEqual([
      ['a', ['1', '2']],
      ['b', ['x']],
    ]);
  });
  it('follows anchors', () => {
    expect(read('a: &port 80\nb: *port\n').pairs).toEqual([
      ['a', '80'],
      ['b', '80'],
    ]);
  });
  it('takes null and empty sections for not given', () => {
    expect(read('a:\nb: ~\nc: {}\nd: 1\n').pairs).toEqual([['d', '1']]);
    expect(read('# all comments\n').pairs).toEqual([]);
  });
  it('reads the prefix of the original', () => {
    expect(read('rierino:\n  gateway.id: x\n').settings).toMatchObject([{ name: 'gateway.id', isOriginal: true }]);
  });
  it('tells the line of each value', () => {
    expect(read('a: 1\n\nb:\n  c: 2\n').settings.map(({ source }) => source)).toEqual(['a.yaml:1', 'a.yaml:4']);
  });
});

describe('a YAML file that cannot be used', () => {
  it('is refused for each duplicate key, with its line', () => {
    expect(read('a: 1\nb: 2\na: 3\n').faults).toMatchObject([{ source: 'a.yaml:3' }]);
  });
  it('is refused where it cannot be parsed', () => {
    const { faults, pairs } = read('a: [1\nb: 2');
    expect(faults.length).toBeGreaterThan(0);
    expect(pairs).toEqual([]);
  });
  it.each(['- a\n- b\n', 'just text\n', '42\n'])('is refused where its root is no map: %j', (text) => {
    expect(read(text).faults).toMatchObject([{ problem: 'expected a map of settings' }]);
  });
  it('is refused for lists of maps', () => {
    expect(read('a:\n  - b: 1\n').faults).toMatchObject([{ property: 'a', source: 'a.yaml:1' }]);
  });
  it('is refused, and not followed for ever, where an anchor refers to itself or multiplies', () => {
    expect(read('a: &a\n  b: *a\n').faults).toHaveLength(1);
    const levels = Array.from({ length: 9 }, (_, level) => {
      const parts = Array.from({ length: 9 }, (__, part) => `k${part}: ${level === 0 ? '1' : `*l${level - 1}`}`);
      return `l${level}: &l${level} {${parts.join(', ')}}`;
    });
    expect(read(levels.join('\n')).faults).toHaveLength(1);
  });
});
