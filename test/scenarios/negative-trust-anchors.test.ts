/** RFC 7646 through the whole resolver: validation turned off for a while, and on again. */
import { expect, it } from 'vitest';
import { ExtendedErrorCode } from '../../src/dns/extended-error.js';
import { asDnskey, ksk, SignedRoot } from './signed-root.js';

const a = ksk();
/** Ten minutes after the simulated start. */
const UNTIL = '2026-11-01T00:10:00Z';

function brokenRoot(dnssec: string): SignedRoot {
  const root = new SignedRoot('www.alpha. 86400 A 192.0.2.1');
  const stranger = ksk();
  root.publish([stranger], [stranger]);
  root.start([asDnskey(a)], { dnssec });
  return root;
}

it('an answer below it is insecure, and says so (EDE 33)', async () => {
  const root = brokenRoot('negativeTrustAnchors: [{ name: alpha., reason: ticket 1 }]');
  const { security, because } = await root.resolution('www.alpha. A');
  expect(security.kind).toBe('insecure');
  expect(because).toEqual([
    { code: ExtendedErrorCode.NEGATIVE_TRUST_ANCHOR, text: 'validation is turned off at alpha.: ticket 1' },
  ]);
});

it('no answer outlives it: when its time is over, validation is on again', async () => {
  const root = brokenRoot(`negativeTrustAnchors: [{ name: alpha., until: "${UNTIL}" }]`);
  const { answer } = await root.resolution('www.alpha. A');
  expect(answer[0]?.ttl).toBeLessThanOrEqual(600);
  expect(answer[0]?.ttl).toBeGreaterThan(590);
  await root.clock.pass(599_000);
  expect(await root.ask('www.alpha. A')).toBe('NOERROR insecure');
  await root.clock.pass(1000);
  expect(await root.ask('www.alpha. A')).toBe('SERVFAIL bogus');
  expect(root.composed.inspection.trust().negative).toEqual([
    expect.objectContaining({ until: Date.parse(UNTIL), isExpired: true }),
  ]);
});

it('a negative answer does not outlive it either', async () => {
  const root = brokenRoot(`negativeTrustAnchors: [{ name: alpha., until: "${UNTIL}" }]`);
  await root.clock.pass(500_000);
  const { authority } = await root.resolution('www.alpha. TXT');
  expect(authority[0]?.ttl).toBeLessThanOrEqual(100);
});
