import { isObject, type Json, type JsonObject } from '../json.js';

/** JSON Merge Patch (RFC 7386) of an object: members of the patch replace, null removes, objects merge. */
export function mergePatch(target: JsonObject, patch: JsonObject): JsonObject {
  const members = new Map<string, Json>(Object.entries(target));
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) members.delete(name);
    else members.set(name, isObject(value) ? mergePatch(objectOr(members.get(name)), value) : value);
  }
  // fromEntries defines members, so that `__proto__` stays data.
  return Object.fromEntries(members);
}

const objectOr = (value: Json | undefined): JsonObject => (isObject(value) ? value : {});
