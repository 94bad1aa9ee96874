import { shown, type SettingFault } from './faults.js';
import { given, type GivenSetting } from './given-setting.js';

export interface CommandLine {
  /** What `--config` names; the last one counts. */
  readonly config: string | null;
  readonly settings: readonly GivenSetting[];
}

/** Reads `--config FILE` and `--set name=value`, each also with an equals sign. */
export function readCommandLine(argv: readonly string[], faults: SettingFault[]): CommandLine {
  let config: string | null = null;
  const settings: GivenSetting[] = [];
  const rest = [...argv];
  for (let argument = rest.shift(); argument !== undefined; argument = rest.shift()) {
    const [option, inline] = parts(argument);
    if (option !== '--config' && option !== '--set') {
      const problem = 'is not understood; known are --config FILE and --set name=value';
      faults.push({ property: argument, value: null, problem, source: 'command line' });
      continue;
    }
    const value = inline ?? rest.shift();
    if (value === undefined || value === '') {
      const problem = `expected ${option === '--set' ? 'name=value' : 'a file'} after it`;
      faults.push({ property: option, value: null, problem, source: 'command line' });
    } else if (option === '--config') {
      config = value;
    } else {
      const equals = value.indexOf('=');
      if (equals > 0) settings.push(given(value.slice(0, equals).trim(), value.slice(equals + 1), '--set'));
      else
        faults.push({ property: option, value: shown(value), problem: 'expected name=value', source: 'command line' });
    }
  }
  return { config, settings };
}

function parts(argument: string): [string, string | undefined] {
  const equals = argument.startsWith('--') ? argument.indexOf('=') : -1;
  return equals < 0 ? [argument, undefined] : [argument.slice(0, equals), argument.slice(equals + 1)];
}
