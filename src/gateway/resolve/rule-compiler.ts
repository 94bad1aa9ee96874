import type { ChannelRecord, MethodRule, PathRuleRecord, ResponseHeaders } from '../../contracts/records.js';
import { authorize } from '../authorize/authorize.stage.js';
import type { Stage } from '../stage.js';
import type { CompiledPath, CompiledRule } from './compiled-channel.js';
import { normalRuleKey, PathRules } from './path-rules.js';
import { mergedHeaders, namesOf } from './response-headers.js';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

/** A path without any rule: not public, any user of the channel's token (spec/components.md). */
const NO_RULE: PathRuleRecord = Object.freeze({});

/** Rules by path, compiled from a channel's record; `plain` are headers that every answer has. */
export function compilePaths(record: ChannelRecord, plain: ResponseHeaders): PathRules<CompiledPath> {
  const compile = (rule: PathRuleRecord): CompiledPath => compilePath(rule, record, plain);
  const rules = Object.entries(record.paths ?? {}).map(([key, rule]) => [normalRuleKey(key), compile(rule)] as const);
  return new PathRules(rules, compile(NO_RULE));
}

function compilePath(rule: PathRuleRecord, record: ChannelRecord, plain: ResponseHeaders): CompiledPath {
  const methods = rule.methods ?? {};
  const names = Object.keys(methods);
  const any = methods['*'];
  const byMethod = new Map<string, CompiledRule>();
  // A public path serves the methods that it does not name as well.
  const servesAll = names.length === 0 || any !== undefined || rule.isPublic === true;
  const allow = servesAll ? METHODS : METHODS.filter((name) => methodRule(methods, name));
  const allowText = [...allow, 'OPTIONS'].join(', ');
  for (const method of METHODS) {
    const own = methodRule(methods, method);
    if (own !== undefined) byMethod.set(method, compileRule(rule, own, null, record, plain));
  }
  const isUnlisted = names.length > 0 && any === undefined;
  return {
    byMethod,
    otherwise: compileRule(rule, any ?? null, isUnlisted ? allowText : null, record, plain),
    allow: allowText,
  };
}

/** HEAD counts as GET. */
function methodRule(methods: Readonly<Record<string, MethodRule>>, method: string): MethodRule | undefined {
  return methods[method] ?? (method === 'HEAD' ? methods.GET : undefined);
}

// eslint-disable-next-line max-params -- one call site each; an object would only name what the parameters name
function compileRule(
  rule: PathRuleRecord,
  method: MethodRule | null,
  allow: string | null,
  record: ChannelRecord,
  plain: ResponseHeaders,
): CompiledRule {
  const stages: (Stage | null)[] = [
    authorize({ isDisabled: rule.isDisabled === true, isPublic: isPublic(rule, method), allow }),
  ];
  const headers = mergedHeaders(plain, record.responseHeaders, rule.responseHeaders, method?.responseHeaders);
  return {
    admission: stages.filter((stage) => stage !== null),
    headers,
    ownHeaders: namesOf(headers),
    returnsErrorPayload: rule.returnErrorPayload === true,
    logsDetailAsInfo: rule.logDetailAsInfo === true,
  };
}

/** A method's isPublic, true or false, replaces the path's; one that names roles, even none, and no isPublic is not public. */
function isPublic(rule: PathRuleRecord, method: MethodRule | null): boolean {
  if (method?.isPublic !== undefined) return method.isPublic;
  if (method?.roles !== undefined) return false;
  return rule.isPublic === true;
}
