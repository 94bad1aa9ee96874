import { describe, expect, it } from '@jest/globals';
import { findingLine } from './show-findings.js';

describe('a line of findings', () => {
  it('shows what would steer a terminal by its number', () => {
    const finding = { kind: 'system', severity: 'fault', pointer: '', code: 17001, message: 'no' } as const;
    expect(findingLine({ ...finding, id: 'a\u001b[31m\u202eb', file: 'x\n.yaml', line: 2 })).toBe(
      'x\\u000a.yaml:2 / fault system a\\u001b[31m\\u202eb: no',
    );
  });
});
