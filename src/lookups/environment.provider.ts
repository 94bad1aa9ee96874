import type { LookupProvider } from './lookup-provider.js';

/** Variables of the environment: `a.b.c`, then `A_B_C`. An empty one counts as not set, as it does for settings. */
export class EnvironmentProvider implements LookupProvider {
  readonly name = 'environment';

  constructor(private readonly env: Readonly<Record<string, string | undefined>>) {}

  async read(path: string): Promise<string | null> {
    for (const name of namesOf(path)) {
      // Of its own only: no environment has a variable called constructor by itself.
      const value = Object.hasOwn(this.env, name) ? (this.env[name] ?? '') : '';
      if (value !== '') return value;
    }
    return null;
  }

  where(path: string): string {
    return `environment variable ${namesOf(path).join(' or ')}`;
  }
}

const namesOf = (path: string): string[] => [...new Set([path, path.replaceAll('.', '_').toUpperCase()])];
