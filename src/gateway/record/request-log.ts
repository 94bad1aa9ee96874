import type { ProcessLog } from '../../observability/logger.js';
import type { Exchange } from '../exchange.js';
import type { Caller } from '../identify/caller.js';
import { redacted, withoutValues } from './redact.js';

const LEVEL_INFO = 30;
const LEVEL_ERROR = 50;
/** Characters of a payload that a line may hold. */
const MAX_DETAIL = 16_384;

/** One structured line a request, written by hand (spec/responses.md, "Auditing and logging"). */
export class RequestLog {
  private readonly head: string;

  constructor(
    private readonly log: ProcessLog,
    private readonly mode: 'all' | 'errors' | 'none',
    gatewayId: string,
  ) {
    this.head = `,"gateway":${JSON.stringify(gatewayId)},"msg":"request","requestId":`;
  }

  /** Whether this exchange's payloads must be kept for its line. */
  wantsDetail(exchange: Exchange): boolean {
    return this.mode !== 'none' && (exchange.rule?.logsDetailAsInfo === true || this.log.isOn('trace'));
  }

  write(exchange: Exchange, endedAt: number, detail: string | null): void {
    const isError = exchange.status >= 400;
    if (this.mode === 'none' || (this.mode === 'errors' && !isError)) return;
    // A probe that says "not ready" is an answer, no fault.
    const isFault = exchange.status >= 500 && (exchange.channel !== null || exchange.error !== null);
    if (!this.log.isOn(isFault ? 'error' : 'info')) return;
    const level = isFault ? LEVEL_ERROR : LEVEL_INFO;
    let line = `{"level":${level},"time":${Date.now()}${this.head}${JSON.stringify(exchange.requestId)}`;
    line += `,"traceId":"${exchange.trace.traceId}","spanId":"${exchange.trace.spanId}"`;
    if (exchange.channel !== null)
      line += `,"channel":${exchange.channel.idText},"branch":${JSON.stringify(exchange.branch)}`;
    line += `,"method":"${exchange.head.method}","path":${JSON.stringify(exchange.path)},"status":${exchange.status}`;
    if (exchange.code !== null) line += `,"code":${exchange.code}`;
    if (exchange.error !== null) line += `,"error":"${exchange.error}"`;
    if (exchange.cause !== null) line += `,"cause":${JSON.stringify(causeText(exchange.cause))}`;
    if (exchange.limit !== null) line += `,"limit":${JSON.stringify(exchange.limit)}`;
    line += `,"ms":${rounded(endedAt - exchange.startedAt)}`;
    if (exchange.attempts > 0) {
      line += `,"beforeMs":${rounded(exchange.calledAt - exchange.startedAt)},"backendMs":${rounded(exchange.calledTill - exchange.calledAt)}`;
      line += `,"attempts":${exchange.attempts}`;
    }
    if (exchange.caller !== null) line += callerText(exchange.caller);
    line += `,"bytes":${exchange.responseBytes},"peer":"${exchange.head.peer}"`;
    this.log.writeLine(`${line}${detail === null ? '' : this.detail(exchange, detail)}}\n`);
  }

  private detail(exchange: Exchange, answer: string): string {
    const isSecret = exchange.bodiesAreSecret || exchange.channel?.callee?.hidesBodies === true;
    const show = isSecret ? withoutValues : redacted;
    return `,"detail":{"request":${shown(exchange.parameters, show)},"answer":${shown(answer, show)}}`;
  }
}

function callerText({ applied, isGuest }: Caller): string {
  const { originId, sessionId } = applied;
  const user = originId === null ? '' : `,"${isGuest ? 'guest' : 'user'}":${JSON.stringify(originId)}`;
  return sessionId === null ? user : `${user},"session":${JSON.stringify(sessionId)}`;
}

function shown(text: string, show: (text: string) => string): string {
  return text.length > MAX_DETAIL ? JSON.stringify(`(${text.length} characters)`) : show(text);
}

function rounded(ms: number): number {
  return Math.round(ms * 100) / 100;
}

/** The chain of causes, for whoever reads the log; clients never see it. */
function causeText(cause: unknown): string {
  const parts: string[] = [];
  for (
    let at = cause;
    at !== undefined && at !== null && parts.length < 5;
    at = at instanceof Error ? at.cause : null
  ) {
    if (at instanceof Error) {
      const { code } = at as NodeJS.ErrnoException;
      parts.push(code === undefined ? at.message : `${at.message} (${code})`);
    } else if (typeof at === 'string') parts.push(at);
  }
  return parts.join(': ');
}
