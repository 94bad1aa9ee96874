import type { Json } from '../contracts/json.js';
import { LATER_SETTINGS } from './later-settings.js';
import { settingsOf, type SettingDeclaration, type SettingsClass } from './setting.decorator.js';
import { SETTINGS_CLASSES } from './settings.js';

const HEAD = `# Settings

<!-- Made from src/settings by \`npm run docs\`: change the settings classes, not this page. -->

The settings of one process come from these sources; the later wins:

1. the defaults below;
2. \`config/application.yaml\`, or the file that \`--config\` or \`SLUICE_CONFIG\` names (\`.yaml\`, \`.yml\`, \`.json\`, \`.properties\`);
   YAML and JSON may nest, use dotted names, or mix both;
3. environment variables: \`SLUICE_\` and the name in upper case with underscores for dots; camelCase humps are kept
   together (\`server.maxHeaderSize\` is \`SLUICE_SERVER_MAXHEADERSIZE\`); an empty variable counts as not set;
4. \`--set name=value\` on the command line, as often as needed.

\`npx sluice settings\` shows what is in force and where it comes from. A value that cannot be used stops the start, with
every fault listed at once. An unknown name is a warning with the nearest known one. Relative paths begin where the
process was started, under \`npm start\` where npm was called. Lists are lists, or text with commas. Values
may hold lookups (\`\${{…}}\`, \`#{{…}}\`, see [secrets.md](secrets.md)); those of \`lookup.*\` settings are looked for in the
environment only.

Files of the original work as they are: the prefix \`rierino.\` is left out, \`RIERINO_…\` variables count as \`SLUICE_…\`
ones, kebab-case equals camelCase after that prefix, and the names of Spring under "also" below are understood. Other
\`spring.*\`, \`management.*\` and \`logging.*\` settings have no effect and are listed once.
`;

const LATER = `
## Not in force in this release

These are known. Setting one is a warning; the start is refused where one asks for protection that this release does not
give (marked).
`;

const cell = (text: string): string => text.replaceAll('|', '\\|');
const code = (text: string): string => `\`${text}\``;

function defaultOf({ key, defaultText }: SettingDeclaration, defaults: object): string {
  if (defaultText !== null) return defaultText;
  const value = (defaults as Record<string, Json>)[key] ?? null;
  if (value === null) return '-';
  if (Array.isArray(value)) return code(value.join(', '));
  return code(typeof value === 'string' ? value : JSON.stringify(value));
}

function row(setting: SettingDeclaration, defaults: object): string {
  const aliases = setting.aliases.map(({ name }) => code(name)).join(', ');
  const doc = setting.doc + (aliases === '' ? '' : `; also ${aliases}`) + (setting.secret ? '; secret' : '');
  const cells = [code(setting.name), doc, setting.expected, defaultOf(setting, defaults)];
  return `| ${cells.map(cell).join(' | ')} |`;
}

/** The page docs/settings.md. A test compares it with the file. */
export function renderSettingsPage(): string {
  const groups = Object.values<SettingsClass>(SETTINGS_CLASSES).map((Settings) => {
    const defaults = new Settings();
    return settingsOf(Settings).map((setting) => row(setting, defaults));
  });
  const later = LATER_SETTINGS.map(({ pattern, protects, idle }) => {
    const refused = idle === undefined ? ': the start is refused' : `: the start is refused unless it is ${code(idle)}`;
    return `- ${code(pattern)}${protects === true ? refused : ''}`;
  });
  const table = ['', '| property | meaning | accepted | default |', '|---|---|---|---|', ...groups.flat()];
  return `${HEAD}${table.join('\n')}\n${LATER}\n${later.join('\n')}\n`;
}
