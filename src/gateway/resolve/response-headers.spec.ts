import { describe, expect, it } from '@jest/globals';
import { mergedHeaders, namesOf, SECURITY_HEADERS } from './response-headers.js';

describe('response headers of channel, path and method', () => {
  it('are a flat list', () => {
    expect(mergedHeaders({ 'X-A': '1' }, { 'X-B': '2' })).toEqual(['X-A', '1', 'X-B', '2']);
  });
  it('have the more specific win, whatever the case of its name', () => {
    expect(mergedHeaders({ 'X-A': '1' }, { 'x-a': '2' }, { 'X-a': '3' })).toEqual(['X-a', '3']);
  });
  it('are none where nobody says any', () => {
    expect(mergedHeaders(undefined, {}, undefined)).toEqual([]);
  });
  it('may replace the security headers', () => {
    expect(mergedHeaders(SECURITY_HEADERS, { 'x-frame-options': 'SAMEORIGIN' })).toEqual(
      expect.arrayContaining(['x-frame-options', 'SAMEORIGIN']),
    );
    expect(mergedHeaders(SECURITY_HEADERS, { 'x-frame-options': 'SAMEORIGIN' })).not.toContain('DENY');
  });
});

describe('the names of headers', () => {
  it('are in lower case, without values that look like one', () => {
    expect([...namesOf(['X-A', 'X-C', 'X-B', '2'])]).toEqual(['x-a', 'x-b']);
  });
});

describe('security headers', () => {
  it('are nosniff, frame and referrer policy', () => {
    expect(SECURITY_HEADERS).toEqual({
      'X-Content-Type-Options': 'nosniff',
      'X-Frame-Options': 'DENY',
      'Referrer-Policy': 'no-referrer',
    });
  });
});
