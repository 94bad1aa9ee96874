import { faultLine, SettingsRejected } from '../settings/faults.js';
import type { Settings } from '../settings/settings.js';
import { SecretKeyUnusable } from '../secrets/secret-key.js';
import { isFatal } from '../storage/fatal.js';

/** Why the process could not start, in words for whoever started it: no stack trace for what they can mend. */
export function startFailure(error: unknown, settings: Settings): string {
  if (error instanceof SettingsRejected)
    return `Sluice cannot start:\n${error.faults.map((fault) => `  ${faultLine(fault)}`).join('\n')}`;
  if (isFatal(error) || error instanceof SecretKeyUnusable) return `Sluice cannot start: ${error.message}`;
  const { code, port, address, path, syscall } = (error ?? {}) as NodeJS.ErrnoException & {
    port?: number;
    address?: string;
  };
  // In a worker the supervisor listens, and what it met is told as the fault of another call.
  if (syscall === 'listen' || syscall === 'bind') {
    const place = `${address ?? settings.server.host}:${port ?? settings.server.port}`;
    const name = port !== undefined && port === settings.management.port ? 'server.management.port' : 'server.port';
    if (code === 'EADDRINUSE')
      return `Sluice cannot start: ${place} is in use. Stop what listens there, or set ${name} to another port.`;
    if (code === 'EACCES')
      return `Sluice cannot start: this user may not listen on ${place}. Set ${name} to a port above 1023.`;
    if (code === 'EADDRNOTAVAIL')
      return `Sluice cannot start: this host has no address ${place}. Set server.host to one that it has.`;
  }
  if (path !== undefined && code !== undefined)
    return `Sluice cannot start: ${path} cannot be written (${code}). Set data.folder.`;
  return `Sluice cannot start: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
}
