import type { AppliedClaims } from './applied-claims.js';
import { editedValue } from './text-edits.js';

/**
 * The payload of an event: what the client sent, as `parameters`, and what the token's claims put beside it or into it.
 *
 * A claim wins wherever its element lies. Below `parameters` it takes the place of the client's member, all else stays as it was
 * written; where the client sent no object (a list, a text), an object with the claim takes the place of the whole. A claim that the
 * token lacks takes the client's member out.
 * @param parametersText JSON, checked before
 */
export function payloadText(parametersText: string, applied: AppliedClaims): string {
  const { parametersEdit } = applied;
  const parameters = parametersEdit === null ? parametersText : editedValue(parametersText, parametersEdit);
  return `{"parameters":${parameters}${applied.payloadTail}}`;
}
