/** The root zone of 2026-08-22 when the shared data is there: big enough, and nobody here wrote it. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { nameToText, ROOT } from '../../src/dns/name.js';
import { Rcode, Type } from '../../src/dns/numbers.js';
import { targetOf } from '../../src/dns/rrset.js';
import { answerFrom } from '../../src/lab/answer.js';
import { loadZone } from '../../src/lab/zone.js';
import { ZoneSet } from '../../src/lab/zone-set.js';
import { query } from './ask-zones.js';

const file = path.resolve(import.meta.dirname, '../../../shared/data/root/root.zone.2026-08-22.rrsig-stripped.gz');
const title = existsSync(file) ? 'the real root zone' : 'the real root zone (skipped: shared/data is absent)';

describe.skipIf(!existsSync(file))(title, () => {
  const load = () => loadZone(gunzipSync(readFileSync(file)).toString('latin1'), { origin: ROOT, file });

  test('every top-level domain gives a referral with its name servers, their glue and its DS', () => {
    const root = load();
    const zones = new ZoneSet([root]);
    const delegations = [...root.delegations()];
    expect(delegations).toHaveLength(1438);
    for (const ns of delegations) {
      const reply = answerFrom(zones, query(`www.example.${nameToText(ns.name)} A`, { dnssecOk: true }));
      expect(reply).toMatchObject({ rcode: Rcode.NOERROR, aa: false, answer: [] });
      const of = (type: number) => reply.authority.filter((record) => record.type === type && record.name === ns.name);
      expect(of(Type.NS).map((record) => record.rdata)).toEqual(ns.rdatas);
      const isSigned = root.rrset(ns.name, Type.DS) !== undefined;
      expect(of(Type.DS).length > 0).toBe(isSigned);
      // RFC 4035 §3.1.4: of an unsigned zone, the proof that it is.
      expect(of(Type.NSEC).length > 0).toBe(!isSigned);
      const hosts = new Set(ns.rdatas.map((rdata) => targetOf(rdata)!));
      const withGlue = new Set(reply.additional.map((record) => record.name));
      expect([...hosts].filter((host) => root.rrset(host, Type.A) && !withGlue.has(host))).toEqual([]);
      expect([...withGlue].filter((host) => !hosts.has(host))).toEqual([]);
      expect(withGlue.size).toBeGreaterThan(0);
    }
  });

  test('a name that is no top-level domain does not exist, and two NSEC records say so', () => {
    const reply = answerFrom([load()], query('no.such-tld-here. A', { dnssecOk: true }));
    expect(reply).toMatchObject({ rcode: Rcode.NXDOMAIN, aa: true });
    expect(reply.authority.filter((record) => record.type === Type.NSEC)).toHaveLength(2);
  });
});
