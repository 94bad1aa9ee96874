import type { JsonObject } from '../../contracts/json.js';
import { badInput, missing, missingCredential, wrongCredentials } from '../identity-faults.js';
import type { TokenWishes } from '../identity-server.js';
import { booleanOf, isMembers, membersAt, numberOf, textOf, valueAt, type Members } from './event-members.js';

const MOST_TEXT = 16_384;
const MOST_SECONDS = 10 * 365 * 86_400;

/** What one call may ask for (spec/identity.md, "Per call"); never a client's to say. */
export interface CallSettings extends TokenWishes {
  readonly noTokens: boolean;
  readonly resolve: boolean;
  /** JMESPath over `{access, user, key}`; null: the default. */
  readonly resolvePattern: string | null;
  readonly allowUnregistered: boolean;
}

/** One call of the identity runner: its event. Its readers throw IdentityFault. */
export class IdentityInput {
  readonly parameters: Members;
  /** Of the client, as the gateway knows it; null: it does not. */
  readonly address: string | null;
  /** Who the gateway says is calling. */
  readonly origin: { readonly type: string | null; readonly id: string | null };
  readonly settings: CallSettings;
  /** By name in lower case: headers have no case. */
  private readonly auth: ReadonlyMap<string, unknown>;

  /** @param event as JSON text. @throws IdentityFault 10011 where it is none */
  constructor(event: string) {
    const members = parsed(event);
    const requestMeta = membersAt(members, 'requestMeta');
    const origin = membersAt(requestMeta, 'origin');
    this.parameters = membersAt(membersAt(members, 'payload'), 'parameters');
    this.auth = new Map(
      Object.entries(membersAt(requestMeta, 'auth')).map(([name, value]) => [name.toLowerCase(), value]),
    );
    this.address = textOf(valueAt(origin, 'ip'), 'origin.ip', 256);
    this.origin = {
      type: textOf(valueAt(origin, 'type'), 'origin.type', 256),
      id: textOf(valueAt(origin, 'id'), 'origin.id', 256),
    };
    this.settings = settingsOf(membersAt(membersAt(members, 'eventMeta'), 'parameters'));
  }

  /** A credential, else what the client's body has under that name. */
  given(name: string): unknown {
    const credential = this.auth.get(name.toLowerCase());
    return credential === undefined || credential === null || credential === ''
      ? valueAt(this.parameters, name)
      : credential;
  }

  text(name: string): string | null {
    return textOf(this.given(name), name, MOST_TEXT);
  }

  /** @throws IdentityFault 10009 */
  textNeeded(name: string): string {
    const text = this.text(name);
    if (text === null) throw missing(name);
    return text;
  }

  /** @throws IdentityFault 10123; 10125 for what is no text: to a client it is as wrong as any other */
  credential(name: string): string {
    const text = this.credentialGiven(name);
    if (text === null) throw missingCredential(name);
    return text;
  }

  /** Null where it is missing. @throws IdentityFault 10125 for what is no text */
  credentialGiven(name: string): string | null {
    try {
      return this.text(name);
    } catch {
      throw wrongCredentials();
    }
  }

  /** An object that came as such, or as JSON text. */
  object(name: string): JsonObject | null {
    const value = this.given(name);
    if (value === undefined) return null;
    const object = typeof value === 'string' ? jsonOf(value, name) : value;
    if (!isMembers(object)) throw badInput(`${name} is no object`);
    return object as JsonObject;
  }
}

function settingsOf(given: Members): CallSettings {
  const seconds = (name: string) => numberOf(valueAt(given, name), name, 1, MOST_SECONDS);
  const flag = (name: string) => booleanOf(valueAt(given, name), name) ?? false;
  return {
    accessSeconds: seconds('expiration'),
    refreshSeconds: seconds('refreshExpiration'),
    noTokens: flag('noTokens'),
    rolesInId: flag('rolesInID'),
    resolve: flag('resolve'),
    resolvePattern: textOf(valueAt(given, 'resolvePattern'), 'resolvePattern', 4096),
    allowUnregistered: flag('allowUnregistered'),
  };
}

function parsed(event: string): Members {
  const value = jsonOf(event, 'the event');
  return isMembers(value) ? value : {};
}

function jsonOf(text: string, label: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw badInput(`${label} is no JSON`);
  }
}
