export interface WayEvents {
  /** What somebody sent over the way: perhaps ourselves, perhaps of another gateway, perhaps garbage. */
  received(text: string): void;
  up(): void;
  /** It is lost, or a try to open it failed. */
  down(reason: string): void;
}

/** How messages leave this process and come to it. Opens again by itself until it is closed. */
export interface Way {
  readonly kind: 'workers' | 'postgres' | 'redis';
  /** What messages call it; never with a password. */
  readonly name: string;
  /** Returns at once. */
  open(events: WayEvents): void;
  /** @throws what keeps it from being sent now */
  send(text: string): Promise<void>;
  close(): Promise<void>;
}

/** The channel's name, with everybody: gateways that share a server tell their messages apart by the id in them. */
export const CHANNEL = 'sluice_broadcast';
