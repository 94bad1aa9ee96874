import { BAD_INPUT, MISSING_PARAMETER, SessionFault } from './session-fault.js';
import type { SessionPath } from './session-path.js';

const MOST_ID_CHARACTERS = 256;
const MOST_KEY_CHARACTERS = 2 * MOST_ID_CHARACTERS + 1;
const MOST_KEYS = 10_000;
const CONTROL = /\p{Cc}/u;

type Members = Readonly<Record<string, unknown>>;

/** One call of the session runner: what its event and path say of origins. Its readers throw SessionFault 10009 and 10011. */
export class SessionInput {
  private readonly origin: Members;
  private readonly parameters: Members;

  /** @param event as JSON text. @throws SessionFault 10011 where it is none */
  constructor(
    event: string,
    private readonly path: SessionPath,
  ) {
    const members = membersOf(parsed(event));
    this.origin = objectIn(objectIn(members, 'requestMeta'), 'origin');
    this.parameters = objectIn(objectIn(members, 'payload'), 'parameters');
  }

  /** Key of requestMeta.origin; without a type of its own it has the path's. */
  originKey(): string {
    return `${this.originType()}-${required(idIn(this.origin, 'id', 'origin.id'), 'origin.id')}`;
  }

  /** Key of the origin that it was before: origin.parameters `{oldId, oldType}`. */
  oldOriginKey(): string {
    const before = objectIn(this.origin, 'parameters');
    const oldType = idIn(before, 'oldType', 'origin.parameters.oldType') ?? this.originType();
    const oldId = idIn(before, 'oldId', 'origin.parameters.oldId');
    return `${oldType}-${required(oldId, 'origin.parameters.oldId')}`;
  }

  /** Key that parameters.originKey or the path names, else that of requestMeta.origin. */
  namedKey(): string {
    const named = textIn(this.parameters, 'originKey', 'originKey', MOST_KEY_CHARACTERS);
    const { originKey } = this.path;
    if (named !== null) return named;
    if (originKey === null) return this.originKey();
    const inPath = checked(originKey, 'originKey', MOST_KEY_CHARACTERS);
    // A gateway sends the origin, too, and its key percent-encoded where it could not stand in a path.
    return inPath.includes('%') && this.isOwnKey(inPath) ? this.originKey() : inPath;
  }

  /** The session that is meant; null: whichever there is. */
  sessionId(): string | null {
    const named = textIn(this.parameters, 'sessionId', 'sessionId', MOST_ID_CHARACTERS);
    const { sessionId } = this.path;
    return named ?? (sessionId === null ? null : checked(sessionId, 'sessionId', MOST_ID_CHARACTERS));
  }

  /** parameters.list of origin keys. */
  keys(): readonly string[] {
    const list = Object.hasOwn(this.parameters, 'list') ? this.parameters['list'] : null;
    if (list === null || list === undefined) throw new SessionFault(MISSING_PARAMETER, 'list is missing');
    if (!Array.isArray(list)) throw new SessionFault(BAD_INPUT, 'list is no list of origin keys');
    if (list.length > MOST_KEYS)
      throw new SessionFault(BAD_INPUT, `list has more than ${MOST_KEYS} origin keys: send it in parts`);
    if (!list.every((key) => typeof key === 'string')) throw new SessionFault(BAD_INPUT, 'list holds what is no text');
    return list;
  }

  private originType(): string {
    return idIn(this.origin, 'type', 'origin.type') ?? checked(this.path.type, 'the type', MOST_ID_CHARACTERS);
  }

  private isOwnKey(encoded: string): boolean {
    try {
      return decodeURIComponent(encoded) === this.originKey();
    } catch {
      return false;
    }
  }
}

/** Whether a session may stand under it: others are known to have none. */
export function isOriginKey(text: string): boolean {
  return text !== '' && problemOf(text, MOST_KEY_CHARACTERS) === null;
}

function parsed(event: string): unknown {
  try {
    return JSON.parse(event);
  } catch {
    throw new SessionFault(BAD_INPUT, 'the event is no JSON');
  }
}

function membersOf(value: unknown): Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Members) : {};
}

function objectIn(parent: Members, name: string): Members {
  return Object.hasOwn(parent, name) ? membersOf(parent[name]) : {};
}

const idIn = (parent: Members, name: string, label: string): string | null =>
  textIn(parent, name, label, MOST_ID_CHARACTERS);

/** Null where it is not there, or empty. A whole number counts as its digits. */
function textIn(parent: Members, name: string, label: string, most: number): string | null {
  const value = Object.hasOwn(parent, name) ? parent[name] : null;
  if (value === null || value === undefined || value === '') return null;
  if (typeof value === 'string') return checked(value, label, most);
  // A longer one was rounded when it was read: two origins would be one.
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value);
  throw new SessionFault(BAD_INPUT, `${label} is neither text nor a whole number below 2^53`);
}

function checked(text: string, label: string, most: number): string {
  const problem = problemOf(text, most);
  if (problem !== null) throw new SessionFault(BAD_INPUT, `${label} ${problem}`);
  return text;
}

function problemOf(text: string, most: number): string | null {
  if (text.length > most) return `has more than ${most} characters`;
  if (CONTROL.test(text)) return 'holds control characters';
  // Encoded as UTF-8 all lone surrogates are the same.
  return text.isWellFormed() ? null : 'holds half of a character';
}

function required(text: string | null, label: string): string {
  if (text === null) throw new SessionFault(MISSING_PARAMETER, `${label} is missing`);
  return text;
}
