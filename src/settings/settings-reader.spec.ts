import { describe, expect, it } from '@jest/globals';
import type { SettingFault } from './faults.js';
import { Text, Whole } from './setting-kinds.js';
import { Setting } from './setting.decorator.js';
import { SettingNames } from './setting-names.js';
import { readSettingsClass } from './settings-reader.js';

class SampleSettings {
  @Setting('sample.count', { doc: 'a number' }) @Whole(1, 9) readonly count: number = 5;
  @Setting('sample.key', { doc: 'a key', secret: true }) @Text(/^\d+$/, 'digits') readonly key: string = '1';
}

const chosen = (values: Record<string, string>) =>
  new Map(Object.entries(values).map(([name, value]) => [name, { value, source: 'test' }]));

describe('a settings class', () => {
  it('keeps its defaults where nothing is given, and is frozen', () => {
    const settings = readSettingsClass(SampleSettings, chosen({ 'sample.count': '7' }), []);
    expect(settings).toEqual({ count: 7, key: '1' });
    expect(settings).toBeInstanceOf(SampleSettings);
    expect(Object.isFrozen(settings)).toBe(true);
  });
  it('never shows a secret that is wrong', () => {
    const faults: SettingFault[] = [];
    readSettingsClass(SampleSettings, chosen({ 'sample.key': 'hunter2', 'sample.count': '0' }), faults);
    expect(faults).toEqual([
      { property: 'sample.count', value: '"0"', problem: 'expected a whole number from 1 to 9', source: 'test' },
      { property: 'sample.key', value: '********', problem: 'expected digits', source: 'test' },
    ]);
  });
  it('may not claim a name that another has', () => {
    const declaration = { key: 'x', name: 'a', doc: '', expected: '', secret: false, aliases: [], defaultText: null };
    expect(() => new SettingNames([declaration, { ...declaration, key: 'y' }])).toThrow(
      'Two settings claim the name "a"',
    );
  });
});
