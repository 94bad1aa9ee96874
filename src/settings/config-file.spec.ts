import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfigFile } from './config-file.js';
import type { SettingFault } from './faults.js';

const cwd = mkdtempSync(join(tmpdir(), 'sluice-config-'));
const FILES: Readonly<Record<string, string | Buffer>> = {
  'tabs.json': '\uFEFF{\n\t"server": {\n\t\t"port": 1,\n\t\t"a": [\n\t\t\t"x"\n\t\t]\n\t}\n}\n',
  'broken.json': '{"server": }',
  'yaml.json': 'server: 1',
  'twice.json': '{"a": 1,\n"a": 2}',
  'list.json': '[1]',
  'broken.yaml': 'a: [1\nb: 2',
  'latin.properties': Buffer.from('a=\xfc', 'latin1'),
  'latin.yaml': Buffer.from('a: \xfc', 'latin1'),
  'settings.toml': 'a = 1',
  'empty.yaml': '',
  'deep.yaml': '['.repeat(100_000),
};

beforeAll(() => {
  for (const [name, content] of Object.entries(FILES)) writeFileSync(join(cwd, name), content);
  mkdirSync(join(cwd, 'folder.yaml'));
});
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

function read(path: string) {
  const faults: SettingFault[] = [];
  const file = readConfigFile({ path, source: '--config' }, cwd, faults);
  return { faults, settings: file?.settings.map(({ name, value, source }) => [name, value, source]) };
}

describe('a configuration file', () => {
  it('of JSON may have tabs and a byte order mark, and tells its lines', () => {
    expect(read('tabs.json')).toEqual({
      faults: [],
      settings: [
        ['server.port', '1', 'tabs.json:3'],
        ['server.a', ['x'], 'tabs.json:4'],
      ],
    });
  });
  it('of properties may be written in Latin-1', () => {
    expect(read('latin.properties').settings).toEqual([['a', 'ü', 'latin.properties:1']]);
  });
  it('may be empty', () => {
    expect(read('empty.yaml')).toEqual({ faults: [], settings: [] });
  });
  it.each([
    ['missing.yaml', 'there is no such file'],
    ['folder.yaml', 'it is a folder'],
    ['latin.yaml', 'encoded data was not valid'],
    ['settings.toml', 'expected a name that ends in .yaml'],
    ['broken.json', 'Unexpected token'],
    ['yaml.json', 'Unexpected token'],
    ['twice.json', 'Map keys must be unique'],
    ['list.json', 'expected a map of settings'],
    ['broken.yaml', 'Flow sequence'],
    ['deep.yaml', ''],
  ])('is a fault where it cannot be used: %s', (path, problem) => {
    const { faults, settings } = read(path);
    expect(settings).toEqual([]);
    expect(faults[0]).toMatchObject({ property: 'configuration file' });
    expect(faults[0]?.problem).toContain(problem);
  });
  it('may be missing only if nobody named it', () => {
    const faults: SettingFault[] = [];
    expect(readConfigFile(null, cwd, faults)).toBeNull();
    expect(faults).toEqual([]);
  });
});
