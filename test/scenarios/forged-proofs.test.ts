/** Someone on the path adds to, or takes from, what a signed zone said: no such thing may make its data insecure. */
import { describe, expect, test } from 'vitest';
import { nameFromText } from '../../src/dns/name.js';
import { Type } from '../../src/dns/numbers.js';
import type { ResourceRecord } from '../../src/dns/rrset.js';
import { parseMasterFile } from '../../src/presentation/master-file.js';
import { NSEC3, SignedWorld } from '../sim/signed-zones.js';

const ROOT = '@ NS a.root.\na.root. A 198.41.0.4\nexample. NS ns.example.\nns.example. A 203.0.113.1';
const EXAMPLE = '@ NS ns\nns A 203.0.113.1\nwww A 192.0.2.1\n*.wild A 192.0.2.2\na.ent A 192.0.2.3';
const NS = '203.0.113.1';

function records(text: string): ResourceRecord[] {
  return [...parseMasterFile(text, { origin: nameFromText('example.'), defaultTtl: 300 }).records];
}

describe('an NSEC of an unsigned delegation, forged beside a good denial of DS', () => {
  test.each([
    ['a name with data in an NSEC3 zone', NSEC3, 'www'],
    ['a name that is not there, in an NSEC zone', { kind: 'nsec' } as const, 'nothing'],
    ['an empty non-terminal of an NSEC zone', { kind: 'nsec' } as const, 'ent'],
    ['a name made from a wildcard, in an NSEC zone', { kind: 'nsec' } as const, 'x.wild'],
    ['a name made from a wildcard, in an NSEC3 zone', NSEC3, 'x.wild'],
  ])('%s', async (_, denial, label) => {
    const world = new SignedWorld({ '.': ROOT, 'example.': { text: EXAMPLE, denial } });
    const name = `${label}.example.`;
    world.at(NS).mutate = (reply, query) => {
      if (query.name === nameFromText(name) && query.type === Type.A) {
        return { ...reply, rcode: 0, answer: records(`${label} 300 A 198.51.100.66`), authority: [] };
      }
      const forged = records(`${label} NSEC \\000.${label} NS RRSIG NSEC`);
      return query.type === Type.DS ? { ...reply, rcode: 0, authority: [...forged, ...reply.authority] } : reply;
    };
    expect(await world.ask(`${name} A`)).toMatch(/^SERVFAIL/);
  });
});
