/** RFC 9824: a server that signs as it answers says "no data" of a name that is not there, with NXNAME in its NSEC. */
import { describe, expect, test } from 'vitest';
import { nameFromText, prepend } from '../../src/dns/name.js';
import { Type } from '../../src/dns/numbers.js';
import { concatOctets } from '../../src/dns/octets.js';
import { type RRset, recordsOf } from '../../src/dns/rrset.js';
import { typeBitMaps } from '../../src/lab/type-bit-maps.js';
import { SignedWorld } from '../sim/signed-zones.js';

const ROOT = '@ NS a.root.\na.root. A 198.41.0.4\nexample. NS ns.example.\nns.example. A 203.0.113.1';
const EXAMPLE = '@ NS ns\nns A 203.0.113.1\nwww A 192.0.2.1\nto CNAME gone\n';
const NS = '203.0.113.1';

/** A zone whose server answers what does not exist, and what lacks a type, with an NSEC made for the question. */
function compactWorld(types: readonly number[]): SignedWorld {
  let sign!: (rrset: RRset) => RRset;
  const tamper = <T>(zone: T, signer: typeof sign): T => {
    sign = signer;
    return zone;
  };
  const world = new SignedWorld({ '.': ROOT, 'example.': { text: EXAMPLE, tamper } });
  world.at(NS).mutate = (reply, { name }) => {
    if (reply.rcode !== 3) return reply;
    const owner = reply.answer.length > 0 ? nameFromText('gone.example.') : name;
    const rdatas = [concatOctets(prepend('\0', owner)!, typeBitMaps([...types, Type.NSEC, Type.RRSIG]))];
    const made = sign({ name: owner, type: Type.NSEC, ttl: 300, rdatas, signatures: [] });
    const soa = reply.authority.filter(
      (record) => record.name === nameFromText('example.') && record.type !== Type.NSEC,
    );
    const kept = soa.filter(({ type, rdata }) => type === Type.SOA || rdata.startsWith('\0\x06'));
    return { ...reply, rcode: 0, authority: [...kept, ...recordsOf(made, true)] };
  };
  return world;
}

describe('a validated compact denial of a name', () => {
  test('is a name error, for every type, asked once', async () => {
    const world = compactWorld([Type.NXNAME]);
    for (const question of ['gone.example. A', 'gone.example. A', 'gone.example. MX']) {
      expect(await world.resolution(question)).toMatchObject({
        rcode: 3,
        compact: true,
        security: { kind: 'secure' },
      });
    }
    expect(world.asked).toEqual([]);
  });

  test('at the end of an alias as well (RFC 6604 §3)', async () => {
    const { rcode, compact, answer } = await compactWorld([Type.NXNAME]).resolution('to.example. A');
    expect([rcode, compact, answer.length]).toEqual([3, true, 1]);
  });

  test('speaks of no name below: its proof does not show that', async () => {
    const world = compactWorld([Type.NXNAME]);
    await world.resolution('gone.example. A');
    const below = await world.resolution('below.gone.example. A');
    expect(world.asked).toContain(`${NS} below.gone.example. A`);
    expect(below).toMatchObject({ rcode: 3, security: { kind: 'secure' } });
  });

  test('without NXNAME is no data, even when the name is nowhere to be found', async () => {
    const world = compactWorld([Type.TXT]);
    expect(await world.resolution('gone.example. A')).toMatchObject({ rcode: 0, security: { kind: 'secure' } });
  });
});

test('an unsigned zone cannot say it: there is nothing to prove it', async () => {
  const world = new SignedWorld({ '.': ROOT, 'example.': { text: EXAMPLE, unsigned: true } });
  world.at(NS).mutate = (reply, { name }) => {
    if (reply.rcode !== 3) return reply;
    const rdata = concatOctets(prepend('\0', name)!, typeBitMaps([Type.NXNAME]));
    const nsec = { name, type: Type.NSEC, class: 1, ttl: 300, rdata };
    return { ...reply, rcode: 0, authority: [...reply.authority, nsec] };
  };
  const found = await world.resolution('gone.example. A');
  expect(found).toMatchObject({ rcode: 0, security: { kind: 'insecure' } });
  expect(found.compact).toBeUndefined();
});
