import { booleanFrom } from './setting-kinds.js';

/** A setting of the contract whose capability this release does not have. */
export interface LaterSetting {
  /** Name in the contract; `*` stands for any further text. */
  readonly pattern: string;
  /** The value that asks for nothing: what this release does anyway. */
  readonly idle?: string;
  /** Whoever sets it relies on being protected: the start is refused. */
  readonly protects?: boolean;
  /** Asks for nothing while this other setting is false. */
  readonly switchedBy?: string;
}

const warns = (...patterns: string[]): LaterSetting[] => patterns.map((pattern) => ({ pattern }));
const warnsUnless = (idle: string, ...patterns: string[]): LaterSetting[] =>
  patterns.map((pattern) => ({ pattern, idle }));

/** The first row that fits counts. Each row goes when its capability is built. */
export const LATER_SETTINGS: readonly LaterSetting[] = [
  { pattern: 'security.mtls.*.keyId', protects: true },
  { pattern: 'security.mtls.*.useClient', protects: true, idle: 'false' },
  { pattern: 'security.mtls.*.enabled', protects: true, idle: 'false' },
  { pattern: 'security.mtls.*.trusted.auth', protects: true, idle: 'NONE' },
  { pattern: 'security.mtls.*' },
  { pattern: 'server.ssl.enabled', protects: true, idle: 'false' },
  { pattern: 'server.ssl.*', protects: true, switchedBy: 'server.ssl.enabled' },
  ...warnsUnless(
    'false',
    ...['command.kafka.enabled', 'server.http2.enabled'],
    ...['tracker.controller.enabled', 'command.controller.enabled', 'file.controller.enabled'],
    ...['stream.controller.enabled', 'message.controller.enabled'],
    'openapi.controller.enabled',
  ),
  { pattern: 'config.loader.mTLS.enabled', protects: true, idle: 'false' },
  ...warns(
    ...['stream.controller.wait', 'stream.controller.heartbeat'],
    ...['command.kafka.default.service', 'command.kafka.default.topic'],
    ...['id.instanceNum.*', 'file.maxSize'],
    ...['server.publicUrl'],
  ),
];

/** Whether a value asks for something that this release does not do. */
export function asksForMore({ idle }: LaterSetting, value: string | readonly string[]): boolean {
  if (value === '') return false;
  if (idle === undefined) return true;
  if (idle === 'false') return booleanFrom(value) !== false;
  return String(value).trim().toLowerCase() !== idle.toLowerCase();
}
