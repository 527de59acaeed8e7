/** The built-in lab holds together: every delegation leads to a server of that zone, or to one that is meant to fail. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { addressFromRdata } from '../../src/dns/address.js';
import { type DomainName, isAtOrBelow, nameFromText, nameToText, ROOT } from '../../src/dns/name.js';
import { Rcode, Type, typeFromText } from '../../src/dns/numbers.js';
import { type RRset, targetOf } from '../../src/dns/rrset.js';
import { answerFrom } from '../../src/lab/answer.js';
import { readLab } from '../../src/lab/read-lab.js';
import { BUILT_IN_LAB } from '../../src/lab/start-lab.js';
import type { Zone } from '../../src/lab/zone.js';
import { query } from './ask-zones.js';

const lab = await readLab(BUILT_IN_LAB, 1_790_000_000);
const zones = [...new Set(lab.servers.flatMap((server) => server.zones))];
const servers = new Map(lab.servers.map((server) => [server.address, server]));

/** Delegations nobody can follow, on purpose: circles, and a name server that does not exist. */
const UNRESOLVABLE = new Set(['circular.com.', 'circular.net.', 'orphan.com.'].map((text) => nameFromText(text)));

/** IPv4 addresses of a host in whichever zone has them. */
function addressesOf(host: DomainName, type: number = Type.A): string[] {
  const rdatas = zones.flatMap((zone) => zone.rrset(host, type)?.rdatas ?? []);
  return [...new Set(rdatas.map((rdata) => addressFromRdata(rdata)!))];
}

function serves(address: string, apex: DomainName): boolean {
  return servers.get(address)?.zones.some((zone) => zone.apex === apex) ?? false;
}

describe('every delegation', () => {
  const delegations = zones.flatMap((zone) =>
    [...zone.delegations()].map((ns): [string, Zone, RRset] => [nameToText(ns.name), zone, ns]),
  );

  test.each(delegations.filter(([, , ns]) => !UNRESOLVABLE.has(ns.name)))('%s', (_, parent, ns) => {
    for (const host of ns.rdatas.map((rdata) => targetOf(rdata)!)) {
      const addresses = addressesOf(host);
      expect(addresses, nameToText(host)).not.toEqual([]);
      for (const address of addresses) {
        const isBroken = (servers.get(address)?.faults.length ?? 0) > 0;
        expect(serves(address, ns.name) || isBroken, `${address} serves ${nameToText(ns.name)}`).toBe(true);
      }
      // RFC 1034 §4.2.1: without glue, the address of an in-domain server could never be found.
      if (isAtOrBelow(host, ns.name)) expect(parent.rrset(host, Type.A)).toBeDefined();
    }
  });

  test.each([...UNRESOLVABLE].map((name) => [nameToText(name), name] as const))('%s leads nowhere', (_, name) => {
    expect(lab.servers.filter((server) => serves(server.address, name))).toEqual([]);
    const ns = zones.flatMap((zone) => zone.rrset(name, Type.NS)?.rdatas ?? []);
    expect(ns.flatMap((rdata) => addressesOf(targetOf(rdata)!))).toEqual([]);
  });
});

test('every zone is reached by a delegation, and has SOA and NS', () => {
  for (const zone of zones) {
    expect(zone.soa, nameToText(zone.apex)).toBeDefined();
    expect(zone.rrset(zone.apex, Type.NS), nameToText(zone.apex)).toBeDefined();
    const parents = zones.filter((other) => other !== zone && other.rrset(zone.apex, Type.NS) !== undefined);
    expect(parents.length > 0 || zone.apex === ROOT, nameToText(zone.apex)).toBe(true);
  }
});

test('every zone file is served and begins by saying what it shows', () => {
  const files = readdirSync(BUILT_IN_LAB).filter((file) => file.endsWith('.zone'));
  expect(files).toHaveLength(zones.length);
  for (const file of files) {
    const text = readFileSync(join(BUILT_IN_LAB, file), 'utf8');
    expect(text, file).toMatch(/^; Shows: .{20}/);
  }
});

test('all name servers are on 127.77.0.0/24, and the one IPv6 address is where nothing answers', () => {
  for (const address of servers.keys()) expect(address).toMatch(/^127\.77\.0\.\d+$/);
  const hosts = zones
    .flatMap((zone) => [...zone.delegations()])
    .flatMap((ns) => ns.rdatas.map((rdata) => targetOf(rdata)!));
  expect([...new Set(hosts.flatMap((host) => addressesOf(host, Type.AAAA)))]).toEqual(['100::77:12']);
});

test('the hints are the root zone’s own name servers', () => {
  expect(lab.hints.map((hint) => [nameToText(hint.name), hint.addresses])).toEqual([
    ['a.root-servers.net.', ['127.77.0.1']],
    ['b.root-servers.net.', ['127.77.0.2']],
  ]);
});

test.each(lab.suggestions.map(({ question }) => [question]))('suggestion: %s', (question) => {
  const [name, type, ...rest] = question.split(' ');
  expect(rest).toEqual([]);
  expect(typeFromText(type!)).toBeDefined();
  const [first] = answerFrom(zones, query(`${name}. ${type}`)).questions;
  expect(answerFrom(zones, query(`${name}. ${type}`)).rcode).not.toBe(Rcode.REFUSED);
  expect(zones.some((zone) => zone.apex !== ROOT && isAtOrBelow(first!.name, zone.apex))).toBe(true);
});
