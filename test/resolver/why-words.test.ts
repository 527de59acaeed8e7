/** The lines of a remedy are pasted into shells and configurations: names from anywhere must do no harm there. */
import { expect, test } from 'vitest';
import { parseConfig } from '../../src/config/load-config.js';
import type { ExplainedData, ExplainedZone, Explanation } from '../../src/ports/explanation.js';
import { IN_A_CIRCLE } from '../../src/resolver/answer-in-progress.js';
import { remedyFor } from '../../src/resolver/why-words.js';

function told(name: string, more: Partial<Explanation>): Omit<Explanation, 'summary' | 'remedy'> {
  const data: ExplainedData = {
    ...({ step: 1, name, type: 'A', found: 'failure', target: null, records: [], more: 0, signatures: [] } as const),
    ...({ denial: null, verdict: 'bogus', because: [], origin: null, delegation: null } as const),
  };
  const zone: ExplainedZone = { zone: name, links: [], trust: 'bogus', because: '', data: [data], below: [] };
  const common = { question: { name, type: 'A' }, judgedAt: '2026-11-01T00:00:00Z', because: [], recorded: [] };
  return { ...common, rcode: 'SERVFAIL', verdict: 'bogus', zones: [zone], ...more };
}

test.each([
  ['www.example.', 'query www.example. A'],
  ['$(id).example.', "query '$(id).example.' A"],
  ["it's`x`.example.", "query 'it'\\''s`x`.example.' A"],
  ['a\\.b.example.', "query 'a\\.b.example.' A"],
])('the command for %s', (name, command) => {
  const because = [{ code: 23, name: 'network error', text: 'x' }];
  expect(remedyFor(told(name, { verdict: 'unchecked', because }))).toContain(`rootwalk ${command} --trace`);
});

test.each(['www.example.', 'a\\.b.example.', "it's.example.", 'a\\"b.example.'])(
  'the negative trust anchor for %s is a configuration',
  (name) => {
    const remedy = remedyFor(told(name, {}));
    const line = /dnssec\.(negativeTrustAnchors: .*)\.$/.exec(remedy)?.[1];
    const outcome = parseConfig(`dnssec:\n  ${line}\n`, 'test');
    expect(outcome).toMatchObject({ ok: true });
    expect(outcome.ok && outcome.config.dnssec.negativeTrustAnchors[0]?.until).toBe(Date.UTC(2026, 10, 8));
  },
);

test('aliases in a circle are nothing a trace would mend', () => {
  const because = [{ code: 0, name: 'other', text: `the aliases of a.example. ${IN_A_CIRCLE}` }];
  expect(remedyFor(told('a.example.', { verdict: 'unchecked', because }))).toMatch(/lead out of the circle/);
});
