import type { ChannelRecord, MethodRule, PathRuleRecord, ResponseHeaders } from '../../contracts/records.js';
import type { Stage } from '../stage.js';
import { admissionOf, type CallerStages, type RuleStages } from '../authorize/authorize.stage.js';
import { breakerRulesOf } from '../limit/breaker/breaker-rules.js';
import { RetryRules } from '../limit/retry-rules.js';
import type { CompiledPath, CompiledRule } from './compiled-channel.js';
import { normalRuleKey, PathRules } from './path-rules.js';
import { mergedHeaders, namesOf } from './response-headers.js';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

/** A path without any rule: not public, any user of the channel's token (spec/components.md). */
const NO_RULE: PathRuleRecord = Object.freeze({});

/** Compiles rules of channels; those with the same headers share what is equal, until it is told to forget. */
export class RuleCompilers {
  private readonly byHeaders = new Map<string, RuleCompiler>();

  /**
   * @param plain headers that every answer has
   * @param stages find out who calls, for channels that have a token
   */
  constructor(
    private readonly plain: ResponseHeaders,
    private readonly stages: CallerStages & { readonly limit: Stage },
  ) {}

  /** Rules by path, compiled from a channel's record. */
  paths(record: ChannelRecord, isLimited = false): PathRules<CompiledPath> {
    const hasToken = record.authToken !== undefined || record.anonymousToken !== undefined;
    const key = JSON.stringify([record.responseHeaders ?? null, hasToken, isLimited]);
    let compiler = this.byHeaders.get(key);
    if (compiler === undefined) {
      compiler = new RuleCompiler(record.responseHeaders, this.plain, {
        caller: hasToken ? this.stages : null,
        limit: isLimited ? this.stages.limit : null,
      });
      this.byHeaders.set(key, compiler);
    }
    return compilePaths(record, compiler);
  }

  forget(): void {
    this.byHeaders.clear();
  }
}

function compilePaths(record: ChannelRecord, compiler: RuleCompiler): PathRules<CompiledPath> {
  const rules = Object.entries(record.paths ?? {}).map(
    ([key, rule]) => [normalRuleKey(key), compiler.path(rule)] as const,
  );
  return new PathRules(rules, compiler.path(NO_RULE));
}

/** Headers of answers, with the names in them. */
interface HeaderSet {
  readonly headers: readonly string[];
  readonly names: ReadonlySet<string>;
}

/**
 * Compiles rules of channels with one set of headers. Most rules say the same: what is equal is compiled once and shared, since ten
 * thousand channels of ten rules would else cost seconds and hundreds of megabytes.
 */
class RuleCompiler {
  private readonly shared: HeaderSet;
  private readonly paths = new Map<string, CompiledPath>();
  private readonly rules = new Map<string, CompiledRule>();

  constructor(
    private readonly channel: ResponseHeaders | undefined,
    private readonly plain: ResponseHeaders,
    private readonly stages: RuleStages,
  ) {
    this.shared = headerSet(mergedHeaders(plain, channel));
  }

  path(rule: PathRuleRecord): CompiledPath {
    const key = JSON.stringify(rule);
    let path = this.paths.get(key);
    if (path === undefined) this.paths.set(key, (path = this.compilePath(rule)));
    return path;
  }

  private compilePath(rule: PathRuleRecord): CompiledPath {
    const methods = rule.methods ?? {};
    const names = Object.keys(methods);
    const any = methods['*'];
    // A public path serves the methods that it does not name as well.
    const servesAll = names.length === 0 || any !== undefined || rule.isPublic === true;
    const allow = allowText(servesAll ? METHODS : METHODS.filter((name) => methodRule(methods, name)));
    const isUnlisted = names.length > 0 && any === undefined;
    return {
      byMethod: names.length === 0 ? NO_METHODS : this.byMethod(rule, methods),
      otherwise: this.rule(rule, any ?? null, isUnlisted ? allow : null),
      allow,
    };
  }

  private byMethod(
    rule: PathRuleRecord,
    methods: Readonly<Record<string, MethodRule>>,
  ): ReadonlyMap<string, CompiledRule> {
    const byMethod = new Map<string, CompiledRule>();
    for (const method of METHODS) {
      const own = methodRule(methods, method);
      if (own !== undefined) byMethod.set(method, this.rule(rule, own, null));
    }
    return byMethod;
  }

  private rule(path: PathRuleRecord, method: MethodRule | null, allow: string | null): CompiledRule {
    const isVerified = path.verifyAccessToken === true;
    const access = { isDisabled: path.isDisabled === true, isPublic: isPublic(path, method), allow, isVerified };
    const roles = method?.roles ?? [];
    const admission = admissionOf(access, this.stages, roles);
    const opensTo = access.isPublic ? 'everybody' : roles.length > 0 ? 'roles' : 'users';
    const own = [path.responseHeaders, method?.responseHeaders];
    const returnsErrorPayload = path.returnErrorPayload === true;
    const logsDetailAsInfo = path.logDetailAsInfo === true;
    const retried = method?.retry ?? path.retry;
    const key = JSON.stringify([
      admission.map(({ name }) => name),
      ...[opensTo, allow, own, returnsErrorPayload, logsDetailAsInfo, retried ?? null, path.circuitBreaker ?? null],
    ]);
    const known = this.rules.get(key);
    if (known !== undefined) return known;
    const hasOwn = own.some((headers) => headers !== undefined);
    const { headers, names } = hasOwn ? headerSet(mergedHeaders(this.plain, this.channel, ...own)) : this.shared;
    const retry = RetryRules.of(retried);
    const breaker = path.circuitBreaker === undefined ? null : breakerRulesOf(path.circuitBreaker, '').rules;
    const rule: CompiledRule = {
      opensTo,
      admission,
      headers,
      ownHeaders: names,
      returnsErrorPayload,
      logsDetailAsInfo,
      retry,
      breaker,
    };
    this.rules.set(key, rule);
    return rule;
  }
}

const NO_METHODS: ReadonlyMap<string, CompiledRule> = new Map();

function headerSet(headers: readonly string[]): HeaderSet {
  return { headers, names: namesOf(headers) };
}

function allowText(methods: readonly string[]): string {
  return [...methods, 'OPTIONS'].join(', ');
}

/** HEAD counts as GET. */
function methodRule(methods: Readonly<Record<string, MethodRule>>, method: string): MethodRule | undefined {
  return methods[method] ?? (method === 'HEAD' ? methods.GET : undefined);
}

/** A method's isPublic, true or false, replaces the path's; one that names roles, even none, and no isPublic is not public. */
function isPublic(rule: PathRuleRecord, method: MethodRule | null): boolean {
  if (method?.isPublic !== undefined) return method.isPublic;
  if (method?.roles !== undefined) return false;
  return rule.isPublic === true;
}
