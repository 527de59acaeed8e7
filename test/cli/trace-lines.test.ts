/** Every kind of event has its line; what servers say cannot steer the terminal. */
import pc from 'picocolors';
import { expect, it } from 'vitest';
import { traceLine } from '../../src/cli/trace-lines.js';
import type { TraceEvent } from '../../src/ports/trace.js';

const plain = pc.createColors(false);

/** One of each kind; the type makes sure that none is forgotten. */
const lines: { [K in TraceEvent['kind']]: [Extract<TraceEvent, { kind: K }>, string] } = {
  question: [{ kind: 'question', name: 'www.example.org.', type: 'A' }, 'question www.example.org. A'],
  cache: [
    { kind: 'cache', name: 'www.example.org.', type: 'A', found: 'nothing' },
    '  cache: www.example.org. A: nothing',
  ],
  synthesised: [
    { kind: 'synthesised', name: 'b.example.', type: 'A', as: 'nxdomain', from: ['NSEC a.example. -> c.example.'] },
    '  synthesised nxdomain from NSEC a.example. -> c.example.',
  ],
  stale: [
    { kind: 'stale', name: 'www.example.org.', type: 'A', reason: 'backoff', overdue: 3661 },
    '  stale: www.example.org. A, over its TTL for 1h 1m 1s (backoff)',
  ],
  policy: [{ kind: 'policy', zone: 'lan.example.', action: 'static' }, '  policy of lan.example.: static'],
  delegation: [
    { kind: 'delegation', zone: 'org.', servers: ['a.example.', 'b.example.'], from: 'cache' },
    '  zone org. (cache): a.example., b.example.',
  ],
  server: [
    { kind: 'server', zone: 'org.', chosen: '192.0.2.1:53', rttMs: 12.6, passedOver: ['192.0.2.2:53 (resting)'] },
    '    chose 192.0.2.1:53 for org. (about 13 ms); passed over 192.0.2.2:53 (resting)',
  ],
  query: [
    { kind: 'query', server: '192.0.2.1:53', name: 'example.org.', type: 'A', transport: 'udp', minimised: true },
    '      -> 192.0.2.1:53: example.org. A (udp, minimised)',
  ],
  reply: [
    { kind: 'reply', server: '192.0.2.1:53', outcome: 'referral to example.org.', ms: 12.34 },
    '      <- 192.0.2.1:53: referral to example.org. (12.3 ms)',
  ],
  dropped: [
    { kind: 'dropped', rrset: 'evil.example. NS', because: 'not within the zone' },
    '        dropped evil.example. NS: not within the zone',
  ],
  step: [{ kind: 'step', step: 'alias', detail: 'to web.example.' }, '    alias: to web.example.'],
  lookup: [
    { kind: 'lookup', name: 'ns.example.', type: 'AAAA', because: 'name server without glue' },
    '    looking up ns.example. AAAA: name server without glue',
  ],
  security: [
    { kind: 'security', name: 'example.org.', verdict: 'bogus', because: 'signature expired' },
    '  example.org. is bogus: signature expired',
  ],
  budget: [{ kind: 'budget', bound: '128 exchanges' }, '  budget spent: 128 exchanges'],
  failure: [{ kind: 'failure', because: 'no server answered' }, 'failed: no server answered'],
};

it.each(Object.values(lines))('%o', (event, text) => {
  expect(traceLine(event, 3.456, plain)).toBe(`;;     3.5 ms  ${text}\n`);
});

it('leaves out what there is not', () => {
  const server = { kind: 'server', zone: '.', chosen: 'x', rttMs: 0, passedOver: [] } as const;
  expect(traceLine(server, 0, plain)).not.toContain('passed over');
  expect(traceLine({ kind: 'delegation', zone: '.', servers: [], from: 'hints' }, 0, plain)).toContain('no servers');
  expect(traceLine({ kind: 'security', name: 'a.', verdict: 'secure', because: '' }, 0, plain)).toMatch(/is secure\n$/);
});

it('shows escape sequences instead of obeying them, and keeps one line', () => {
  const line = traceLine({ kind: 'failure', because: 'a\u001b[2Jb\nc\u0085d\u202ee' }, 0, pc.createColors(true));
  expect(line).toContain('a\\x1b[2Jb\\x0ac\\x85d\\u202ee');
  expect(line.split('\n')).toHaveLength(2);
});

it('a server that was never heard has no time', () => {
  const server = { kind: 'server', zone: '.', chosen: 'x', rttMs: -1, passedOver: [] } as const;
  const line = traceLine(server, 0, plain);
  expect(line).toContain('chose x for . (not heard yet)');
});
