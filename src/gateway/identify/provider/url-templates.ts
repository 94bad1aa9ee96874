import { pointerToken } from '../../json/json-pointer.js';
import { UrlTemplate, type UrlPlace } from './url-template.js';

export interface UrlFinding {
  readonly pointer: string;
  readonly message: string;
}

export interface UrlFindings {
  readonly faults: UrlFinding[];
  readonly warnings: UrlFinding[];
}

/** The URLs of a record by action. What cannot be a URL is a fault, an action that nobody knows a warning. */
export function urlTemplatesOf<A extends string>(
  urls: Readonly<Record<string, string>> | undefined,
  known: Readonly<Record<A, readonly UrlPlace[]>>,
  pointer: string,
  findings: UrlFindings,
): ReadonlyMap<A, UrlTemplate> {
  const templates = new Map<A, UrlTemplate>();
  for (const [action, text] of Object.entries(urls ?? {})) {
    const at = `${pointer}/urls/${pointerToken(action)}`;
    if (!Object.hasOwn(known, action)) {
      findings.warnings.push({ pointer: at, message: `no such action; there are: ${Object.keys(known).join(', ')}` });
      continue;
    }
    // An empty URL is none, as forms leave it.
    if (text === '') continue;
    const template = UrlTemplate.of(text, known[action as A]);
    if (typeof template === 'string') findings.faults.push({ pointer: at, message: `"${text}" ${template}` });
    else templates.set(action as A, template);
  }
  return templates;
}
