/** What NSEC records show by themselves, whoever asks: existence and absence exclude each other. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nameFromText } from '../../src/dns/name.js';
import { NsecEvidence } from '../../src/validator/nsec.js';
import { APEX, anyZone, nsecChain, POOL } from './denial-model.js';
import { rrsetsFrom } from './denial-records.js';

describe('NsecEvidence', () => {
  it('takes an empty non-terminal for a name that exists without types', () => {
    const origin = nameFromText('example.');
    const evidence = new NsecEvidence(origin, rrsetsFrom('@ NSEC a.ent SOA NS\na.ent NSEC @ A', origin));
    const ent = nameFromText('ent.example.');
    expect(evidence.typesAt(ent)?.has(1)).toBe(false);
    expect(evidence.absenceOf(ent)).toBeUndefined();
    expect(evidence.absenceOf(nameFromText('b.ent.example.'))).toEqual({ closestEncloser: ent, optOut: false });
  });

  it('never shows that a name exists and does not', () => {
    fc.assert(
      fc.property(anyZone, (zone) => {
        const evidence = new NsecEvidence(APEX, nsecChain(zone).rrsets);
        for (const name of POOL) {
          const exists = evidence.typesAt(name) !== undefined;
          expect(exists).toBe(zone.names.has(name));
          expect(exists && evidence.absenceOf(name) !== undefined).toBe(false);
        }
      }),
      { numRuns: 50 },
    );
  });
});
