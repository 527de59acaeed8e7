/** Which verified denial records may speak of names nobody asked about? */
import { expect, test } from 'vitest';
import { nameFromText } from '../../src/dns/name.js';
import { isReusable } from '../../src/validator/reusable.js';
import { rrsetsFrom } from './denial-records.js';

const zone = nameFromText('example.');
const HASH = '0p9mhaveqvm6t7vbl5lop2u3t2rp3tom';
const NEXT = '2t7b4g4vsa5smi47k61mv5bv1a22bojr';

function reusable(record: string, at = zone): boolean {
  return isReusable(rrsetsFrom(record, zone)[0]!, at);
}

test.each([
  ['one between two names', 'a NSEC d A RRSIG NSEC'],
  ['the last one, which goes back to the apex', 'x NSEC @ A RRSIG NSEC'],
  ['the only one', '@ NSEC @ SOA NS DNSKEY RRSIG NSEC'],
  ['of a delegation', 'a NSEC d NS RRSIG NSEC'],
  ['NSEC3 without rounds', `${HASH} NSEC3 1 0 0 - ${NEXT} A RRSIG`],
  ['NSEC3 with the usual ten rounds and salt', `${HASH} NSEC3 1 0 10 ${'ab'.repeat(64)} ${NEXT} A RRSIG`],
  ['NSEC3 with opt-out, for what stands at it', `${HASH} NSEC3 1 1 0 - ${NEXT} A RRSIG`],
  ['the only NSEC3', `${HASH} NSEC3 1 0 0 - ${HASH} SOA RRSIG`],
])('kept: %s', (_what, record) => {
  expect(reusable(record)).toBe(true);
});

test.each([
  ['CVE-2026-13321: a next name outside the zone', 'a NSEC d.other. A RRSIG NSEC'],
  ['CVE-2026-13321: a next name above the zone', 'a NSEC . A RRSIG NSEC'],
  ['a next name before its owner', 'd NSEC a A RRSIG NSEC'],
  ['an owner outside the zone', 'a.other. NSEC b.other. A RRSIG NSEC'],
  ['RFC 9824: nothing between', 'a NSEC \\000.a A RRSIG NSEC'],
  ['RFC 9824 §3.1: an owner that does not exist', 'a NSEC d RRSIG NSEC NXNAME'],
  ['CVE-2026-10723: NSEC3 deeper than below the apex', `${HASH}.sub NSEC3 1 0 0 - ${NEXT} A RRSIG`],
  ['CVE-2026-10723: NSEC3 at a name that is no hash', `www NSEC3 1 0 0 - ${NEXT} A RRSIG`],
  ['CVE-2026-42923: more rounds than a look-up is worth', `${HASH} NSEC3 1 0 17 - ${NEXT} A RRSIG`],
  ['CVE-2026-1519: a salt of 65 octets', `${HASH} NSEC3 1 0 0 ${'ab'.repeat(65)} ${NEXT} A RRSIG`],
  ['RFC 5155 §8.2: an unknown flag', `${HASH} NSEC3 1 2 0 - ${NEXT} A RRSIG`],
  ['RFC 7129 appendix B: NSEC3 around one hash', `${HASH} NSEC3 1 0 0 - ${HASH.slice(0, -1)}n A RRSIG`],
  ['no denial record at all', 'a A 192.0.2.1'],
])('not kept: %s', (_what, record) => {
  expect(reusable(record)).toBe(false);
});

test('CVE-2026-10723: the zone is the one that signed, not the one the owner seems to be in', () => {
  const record = `${HASH}.sub NSEC3 1 0 0 - ${NEXT} A RRSIG`;
  expect(reusable(record, nameFromText('sub.example.'))).toBe(true);
  expect(reusable(record, zone)).toBe(false);
});
