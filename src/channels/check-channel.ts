import { checkResponseHeaders, checkRunnerHeaders } from '../components/check/headers.js';
import type { Members } from '../components/check/members.js';
import { normalizePaths } from '../components/check/paths.js';
import type { RecordCheck } from '../components/check/record-check.js';
import { usableAliases } from './aliases.js';

/** What no schema can say of a channel. Brings path keys, methods and aliases into normal form, in place. */
export function checkChannel(record: Members, check: RecordCheck): void {
  if (record['system'] === undefined && record['executor'] === undefined) {
    check.fault(
      '',
      'The channel has neither system nor executor. Name the system that serves it, or an executor with parameters.',
    );
  }
  const problem = targetProblem(record['target']);
  if (problem !== null) check.fault('/target', problem);
  if (typeof record['method'] === 'string') record['method'] = record['method'].toUpperCase();
  if (record['aliases'] !== undefined) record['aliases'] = usableAliases(record['aliases'], check);
  if (record['allowedRunnerHeaders'] !== undefined) {
    record['allowedRunnerHeaders'] = checkRunnerHeaders(record['allowedRunnerHeaders'], '/allowedRunnerHeaders', check);
  }
  checkResponseHeaders(record['responseHeaders'], '/responseHeaders', check);
  normalizePaths(record, check, { keepsExtensions: false });
}

/** A target is a path or a topic: what would end a path, or lead out of it, would change where calls of clients go. */
function targetProblem(target: unknown): string | null {
  if (typeof target !== 'string') return null;
  if (/[\s?#\\%\p{Cc}]/u.test(target)) {
    return 'The target holds white space, ?, #, %, a backslash or a control character. Give a plain path such as /api/crud, or a topic.';
  }
  if (target.split('/').some((segment) => segment === '.' || segment === '..')) {
    return 'The target holds a dot segment. Give the path that is meant.';
  }
  return null;
}
