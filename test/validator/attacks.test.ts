/**
 * Which known attack on DNSSEC validators is held off by which test? One row each, so that none is lost when tests move:
 * the file named must have a test, or a group of tests, that carries the number in its title.
 */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const tests = dirname(dirname(fileURLToPath(import.meta.url)));

it.each([
  ['CVE-2023-50387', 'keys times signatures: checks bounded for a set, a question', 'scenarios/keytrap'],
  ['CVE-2023-50387', 'signatures out of time are attempts, not failures', 'validator/signature-rules'],
  ['CVE-2023-50868', 'hashes bounded for a proof, a question', 'scenarios/nsec3-work'],
  ['CVE-2023-50868', 'each hash once, none for labels made up', 'validator/denial-guards'],
  ['CVE-2025-8677', 'a malformed key of the right tag is a hard failure', 'validator/signature-rules'],
  ['CVE-2025-8677', 'and ends the zone', 'scenarios/zone-keys'],
  ['CVE-2025-11411', 'NS and others nobody asked for are dropped', 'scenarios/delegations'],
  ['CVE-2026-1519', 'salt of at most 64 octets', 'scenarios/nsec3-work'],
  ['CVE-2026-5950', 'DS and DNSKEY within the exchanges of the question', 'scenarios/keytrap'],
  ['CVE-2026-10723', 'NSEC3 owners are one hash below the zone that signed', 'validator/denial-guards'],
  ['CVE-2026-11605', 'denials within the same budget', 'scenarios/nsec3-work'],
  ['CVE-2026-13321', 'next names within the zone', 'validator/denial-guards'],
  ['CVE-2026-24027', 'as CVE-2026-5950', 'scenarios/keytrap'],
  ['CVE-2026-42923', 'iterations bounded in referrals too', 'scenarios/nsec3-work'],
  // The same flaw in others: CVE-2026-52688, CVE-2026-11721.
  ['CVE-2026-44690', 'no fewer labels than the signer has', 'validator/signature-rules'],
  ['CVE-2026-46582', 'what a wildcard was expanded to is not taken for another name', 'scenarios/forged-proofs'],
  ['CVE-2026-50045', 'one budget through every restart', 'scenarios/keytrap'],
  ['CVE-2026-50243', 'policy makes no answer of bogus data', 'scenarios/forged-proofs'],
  ['CVE-2026-52682', 'names of 255 octets, however they are put together', 'wire/names'],
  ['CVE-2026-52686', 'aliases from wildcards need their proof', 'scenarios/forged-proofs'],
])('%s: %s', (cve, _, file) => {
  const titles = readFileSync(join(tests, `${file}.test.ts`), 'utf8').match(
    /^\s*(?:\['|(?:it|test|describe)\b|'|`).*$/gm,
  );
  expect((titles ?? []).filter((line) => line.includes(cve))).not.toEqual([]);
});
