import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const SERVICES = join(import.meta.dirname, '../../scripts/services');

/** Runs scripts/services with a folder of this test alone, and answers what it printed. Servers end with this process. */
export function services(folder: string, ...args: readonly string[]): string {
  return execFileSync(SERVICES, args, {
    encoding: 'utf8',
    env: { ...process.env, SLUICE_SERVICES: folder, SLUICE_SERVICES_PARENT: String(process.pid) },
    stdio: ['ignore', 'pipe', 'inherit'],
    // A Keycloak that was never here is fetched and built first.
    timeout: 300_000,
  });
}
