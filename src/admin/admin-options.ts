/** What settings say of administration. */
export interface AdminOptions {
  readonly gatewayId: string;
  readonly adminEnabled: boolean;
  readonly controlEnabled: boolean;
  /** Of one address. */
  readonly callsPerMinute: number;
  /** Who may use the Control API besides administrators; null: nobody. */
  readonly controlToken: ControlToken | null;
  readonly bootstrap: BootstrapOptions;
}
export const ADMIN_OPTIONS = Symbol('AdminOptions');

export interface ControlToken {
  /** Id of a token record. */
  readonly record: string;
  /** `*`: every user. */
  readonly roles: readonly string[];
}

export interface BootstrapOptions {
  readonly username: string;
  /** Secret; null: one is generated. */
  readonly password: string | null;
  /** data.folder. */
  readonly folder: string;
  /** The database is opened at the start anyway; else by the first call. */
  readonly atStart: boolean;
}
