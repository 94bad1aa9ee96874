import type { Component, Finding } from '../../contracts/components.js';
import { pointerToken } from '../json/json-pointer.js';

/** Wire code of a channel or system at fault. */
export const CONFIGURATION = 17001;

/** Where a finding stands. */
export interface Place {
  readonly kind: 'channel' | 'system' | 'token';
  readonly component: Component;
}

// eslint-disable-next-line max-params -- the four things that every finding has
export function finding(
  place: Place,
  pointer: string,
  message: string,
  code: number,
  severity: Finding['severity'] = 'fault',
): Finding {
  const { file } = place.component;
  return {
    kind: place.kind,
    id: place.component.id,
    severity,
    pointer,
    code,
    message,
    ...(file === undefined ? {} : { file }),
  };
}

/** A finding of one parameter. */
export function parameterFinding(place: Place, name: string, message: string, severity: Finding['severity']): Finding {
  return finding(place, `/parameters/${pointerToken(name)}`, message, CONFIGURATION, severity);
}
