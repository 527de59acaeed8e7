import { describe, expect, it } from 'vitest';
import { refusedBySystem } from '../../src/transport/system-refusal.js';

describe('refusedBySystem', () => {
  it('names the code and says it in words', () => {
    const error = Object.assign(new Error('connect ENETUNREACH 2001:db8::1:53'), { code: 'ENETUNREACH' });
    const { kind, reason } = refusedBySystem(error) as { kind: string; reason: string };
    expect(kind).toBe('unreachable');
    expect(reason).toMatch(/^ENETUNREACH: network unreachable/);
  });

  it('passes on what it does not know', () => {
    expect(refusedBySystem(new Error('odd'))).toEqual({ kind: 'unreachable', scope: 'here', reason: 'odd' });
    expect(refusedBySystem(undefined)).toEqual({ kind: 'unreachable', scope: 'here', reason: 'undefined' });
  });
});
