import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { serverAddress } from '../../src/dns/address.js';
import {
  type DomainName,
  isAtOrBelow,
  labelCount,
  nameFromLabels,
  nameFromText,
  nameToText,
  ROOT,
} from '../../src/dns/name.js';
import { Routes } from '../../src/policy/routes.js';
import { ZoneTree } from '../../src/policy/zone-tree.js';

const forward = (name: string, ...addresses: string[]) => ({
  name: nameFromText(name),
  type: 'forward' as const,
  servers: addresses.map((address) => serverAddress(address, 53)),
  fallback: false,
});

describe('routes', () => {
  const routes = new Routes([
    forward('corp.example', '192.0.2.1'),
    { ...forward('lab.corp.example', '192.0.2.2'), type: 'stub', fallback: true },
    forward('public.corp.example'),
  ]);
  const zoneOf = (name: string): string | undefined => {
    const route = routes.routeFor(nameFromText(name));
    return route && nameToText(route.zone);
  };

  it('belong to the deepest zone a name is in', () => {
    expect(zoneOf('corp.example')).toBe('corp.example.');
    expect(zoneOf('a.b.corp.example')).toBe('corp.example.');
    expect(zoneOf('x.lab.corp.example')).toBe('lab.corp.example.');
    expect(zoneOf('example')).toBeUndefined();
    expect(zoneOf('notcorp.example')).toBeUndefined();
    expect(zoneOf('.')).toBeUndefined();
    expect(routes.routeFor(nameFromText('lab.corp.example'))).toMatchObject({
      kind: 'stub',
      fallback: true,
      servers: [{ key: '192.0.2.2:53' }],
    });
  });

  it('end where a subtree forwards to nobody', () => {
    expect(zoneOf('public.corp.example')).toBeUndefined();
    expect(zoneOf('www.public.corp.example')).toBeUndefined();
  });

  it('may cover everything', () => {
    const everything = new Routes([forward('.', '192.0.2.9')]);
    expect(everything.routeFor(ROOT)?.zone).toBe(ROOT);
    expect(everything.routeFor(nameFromText('a.b.c'))?.zone).toBe(ROOT);
  });
});

describe('zone tree', () => {
  const label = fc.constantFrom('a', 'b', 'a.b', 'evil', '\0', 'c');
  const name = fc.array(label, { maxLength: 4 }).map(nameFromLabels);

  it('finds the same zone as looking at all of them', () => {
    fc.assert(
      fc.property(fc.array(name, { maxLength: 8 }), name, (zones, wanted) => {
        const tree = new ZoneTree<{ zone: DomainName }>();
        for (const zone of zones) tree.set(zone, { zone });
        const around = zones.filter((zone) => isAtOrBelow(wanted, zone));
        around.sort((a, b) => labelCount(b) - labelCount(a));
        expect(tree.deepest(wanted)?.zone).toBe(around[0]);
        expect(tree.get(wanted)?.zone).toBe(zones.includes(wanted) ? wanted : undefined);
      }),
    );
  });
});
