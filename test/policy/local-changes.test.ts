/** Local records changed at run time: what holds, what it stands against, and what is left after a reload and a restart. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config/load-config.js';
import { type DomainName, nameFromText, nameToText } from '../../src/dns/name.js';
import { Type, typeFromText, typeToText } from '../../src/dns/numbers.js';
import { groupRecords, type RRset, recordsOf } from '../../src/dns/rrset.js';
import { changedLocalZones } from '../../src/policy/changed-zones.js';
import { LocalChanges } from '../../src/policy/local-changes.js';
import { changesFromText, LocalFileError, localFileText } from '../../src/policy/local-file.js';
import { RuntimeRecords } from '../../src/policy/local-records.js';
import { LocalZones } from '../../src/policy/local-zones.js';
import type { TextStore } from '../../src/ports/text-store.js';
import { recordFromText, recordToText } from '../../src/presentation/record-text.js';

function configFrom(yaml: string) {
  const outcome = parseConfig(yaml, 'test.yaml');
  if (!outcome.ok) throw new Error(outcome.problems.map(({ message }) => message).join('\n'));
  return outcome.config;
}

const BASE = `
zones: [{ name: 5.10.in-addr.arpa, type: stub, servers: ["10.0.0.1"] }]
local:
  zones:
    - { name: lan.example, records: ["nas.lan.example. 60 IN A 192.0.2.7", "nas.lan.example. 60 IN A 192.0.2.8"] }
    - { name: half.example, type: transparent }
    - { name: ads.example, type: always_nxdomain }
    - { name: all.example, type: redirect, records: ["all.example. 60 IN A 192.0.2.1"] }
`;

const zonesFrom = (yaml = BASE): LocalZones => new LocalZones(configFrom(yaml));

function rrset(...lines: string[]): RRset {
  return groupRecords(lines.map((line) => recordFromText(line)))[0]!;
}

/** What a client would get: data, an alias, the kind of denial, or nothing local at all. */
function ask(zones: LocalZones, question: string): string {
  const [name = '', type = ''] = question.split(' ');
  const answer = zones.answer(nameFromText(name), typeFromText(type)!);
  if (answer?.kind !== 'finding') return answer?.kind ?? 'resolve';
  const { finding } = answer;
  if (finding.kind === 'answer' || finding.kind === 'alias') {
    return [...recordsOf(finding.rrset, false)].map(recordToText).join(' | ');
  }
  return finding.kind === 'too-long' ? finding.kind : `${finding.kind} ${nameToText(finding.soa!.name)}`;
}

function changes(zones: LocalZones, maxRecords = 10): LocalChanges {
  return new LocalChanges(zones, () => maxRecords);
}

const shown = (all: LocalChanges) =>
  [...all.all()].map(({ name, type, rrset: set, unused }) => {
    const what = set === undefined ? 'removed' : `${set.rdatas.length} set`;
    return `${nameToText(name)} ${typeToText(type)} ${what}${unused === undefined ? '' : ' unused'}`;
  });

const NAS = nameFromText('nas.lan.example');

describe('a change', () => {
  it('takes the place of what the configuration has, and taken back leaves nothing', () => {
    const zones = zonesFrom();
    const all = changes(zones);
    all.set(rrset('nas.lan.example. 30 IN A 192.0.2.99'));
    expect(ask(zones, 'nas.lan.example A')).toBe('nas.lan.example. 30 IN A 192.0.2.99');
    expect(all.size).toBe(1);
    all.set(rrset('nas.lan.example. 60 IN A 192.0.2.8', 'nas.lan.example. 60 IN A 192.0.2.7'));
    expect(shown(all)).toEqual([]);
    expect(all.size).toBe(0);
  });

  it('removes what the configuration has, then there is nothing more to remove', () => {
    const zones = zonesFrom();
    const all = changes(zones);
    expect(all.remove(NAS, Type.A)).toEqual({ kind: 'done', suffix: nameFromText('lan.example') });
    expect(ask(zones, 'nas.lan.example A')).toBe('nxdomain lan.example.');
    expect(all.remove(NAS, Type.A)).toEqual({ kind: 'absent' });
    expect(shown(all)).toEqual(['nas.lan.example. A removed']);
  });

  it('makes and unmakes empty non-terminals, and says how far up answers differ', () => {
    const zones = zonesFrom();
    const all = changes(zones);
    const suffixOf = (outcome: ReturnType<LocalChanges['set']>): string =>
      outcome.kind === 'done' ? nameToText(outcome.suffix) : outcome.kind;
    expect(suffixOf(all.set(rrset('a.b.c.lan.example. IN A 192.0.2.1')))).toBe('c.lan.example.');
    expect(ask(zones, 'b.c.lan.example A')).toBe('nodata lan.example.');
    expect(suffixOf(all.set(rrset('d.c.lan.example. IN A 192.0.2.1')))).toBe('d.c.lan.example.');
    expect(suffixOf(all.remove(nameFromText('a.b.c.lan.example'), Type.A))).toBe('b.c.lan.example.');
    expect(ask(zones, 'b.c.lan.example A')).toBe('nxdomain lan.example.');
    expect(ask(zones, 'c.lan.example A')).toBe('nodata lan.example.');
  });

  it('of the SOA is the SOA of denials from then on', () => {
    const zones = zonesFrom();
    const all = changes(zones);
    const ttlOf = (): number | undefined => {
      const answer = zones.answer(nameFromText('no.lan.example'), Type.A);
      return answer?.kind === 'finding' && answer.finding.kind === 'nxdomain' ? answer.finding.soa?.ttl : undefined;
    };
    expect(ttlOf()).toBe(60);
    all.set(rrset('lan.example. 300 IN SOA ns.lan.example. host.lan.example. 2 3600 900 604800 17'));
    expect(ttlOf()).toBe(17);
    all.remove(nameFromText('lan.example'), Type.SOA);
    expect(ttlOf()).toBe(60);
  });

  it('of a built-in zone holds as well', () => {
    const zones = zonesFrom();
    changes(zones).set(rrset('nas.home.arpa. 60 IN A 192.168.1.9'));
    expect(ask(zones, 'nas.home.arpa A')).toBe('nas.home.arpa. 60 IN A 192.168.1.9');
    expect(ask(zones, 'nas.home.arpa AAAA')).toBe('nodata home.arpa.');
  });

  it('of a name in no zone answers for that name alone', () => {
    const zones = zonesFrom();
    const all = changes(zones);
    expect(all.set(rrset('www.elsewhere.example. 60 IN A 192.0.2.5'))).toMatchObject({ kind: 'done' });
    expect(ask(zones, 'www.elsewhere.example A')).toBe('www.elsewhere.example. 60 IN A 192.0.2.5');
    expect(ask(zones, 'www.elsewhere.example AAAA')).toBe('nodata www.elsewhere.example.');
    for (const other of ['x.www.elsewhere.example A', 'elsewhere.example A', 'www.elsewhere.example DS', '. NS']) {
      expect(ask(zones, other)).toBe('resolve');
    }
    // A route through a built-in zone is a hole in it: no zone decides there.
    all.set(rrset('1.5.10.in-addr.arpa. 60 IN PTR nas.lan.example.'));
    expect(ask(zones, '1.5.10.in-addr.arpa PTR')).toContain('nas.lan.example.');
    expect(ask(zones, '2.5.10.in-addr.arpa PTR')).toBe('resolve');
    all.remove(nameFromText('www.elsewhere.example'), Type.A);
    expect(ask(zones, 'www.elsewhere.example A')).toBe('resolve');
    expect(shown(all)).toEqual(['1.5.10.in-addr.arpa. PTR 1 set']);
  });

  it.each([
    ['x.ads.example. IN A 192.0.2.1', /always_nxdomain\) answers without looking/],
    ['x.all.example. IN A 192.0.2.1', /redirect\) answers every name/],
    ['nas.lan.example. IN CNAME www.example.', /nas\.lan\.example\. has A: a CNAME stands alone/],
    ['elsewhere.example. IN DS 1 8 1 0123456789abcdef0123456789abcdef01234567', /DS belongs to the zone above/],
  ])('is refused where it could not answer: %s', (line, because) => {
    const zones = zonesFrom();
    const all = changes(zones);
    expect(all.set(rrset(line))).toEqual({ kind: 'refused', because: expect.stringMatching(because) });
    expect(shown(all)).toEqual([]);
  });

  it('is refused beyond limits.localRecords, the one it replaces not counted', () => {
    const zones = zonesFrom();
    const all = changes(zones, 2);
    expect(all.set(rrset('a.half.example. IN A 192.0.2.1', 'a.half.example. IN A 192.0.2.2')).kind).toBe('done');
    expect(all.set(rrset('a.half.example. IN A 192.0.2.3', 'a.half.example. IN A 192.0.2.4')).kind).toBe('done');
    for (const refused of [all.set(rrset('b.half.example. IN A 192.0.2.1')), all.remove(NAS, Type.A)]) {
      expect(refused).toEqual({ kind: 'refused', because: expect.stringContaining('limits.localRecords') });
    }
    expect(all.remove(nameFromText('a.half.example'), Type.A).kind).toBe('done');
    expect(all.remove(NAS, Type.A).kind).toBe('done');
  });
});

describe('a reload', () => {
  const reloaded = (all: LocalChanges, yaml: string): { zones: LocalZones; unused: string[] } => {
    const zones = zonesFrom(yaml);
    const unused = all.layOver(zones).map(({ name }) => nameToText(name));
    return { zones, unused };
  };

  it('finds the changes laid over whatever the configuration says', () => {
    const all = changes(zonesFrom());
    all.set(rrset('nas.lan.example. 30 IN A 192.0.2.99'));
    all.set(rrset('new.lan.example. 30 IN A 192.0.2.98'));
    const { zones, unused } = reloaded(all, BASE.replace('192.0.2.7', '192.0.2.6'));
    expect(unused).toEqual([]);
    expect(ask(zones, 'nas.lan.example A')).toBe('nas.lan.example. 30 IN A 192.0.2.99');
    expect(ask(zones, 'new.lan.example A')).toBe('new.lan.example. 30 IN A 192.0.2.98');
    all.remove(NAS, Type.A);
    expect(ask(zones, 'nas.lan.example A')).toBe('nxdomain lan.example.');
  });

  it('to a configuration that says the same ends a change; the removal of what is gone is forgotten', () => {
    const all = changes(zonesFrom());
    all.set(rrset('new.lan.example. 60 IN A 192.0.2.7'));
    all.remove(NAS, Type.A);
    const moved = BASE.replaceAll('nas.lan.example', 'new.lan.example').replace(
      ', "new.lan.example. 60 IN A 192.0.2.8"',
      '',
    );
    reloaded(all, moved);
    expect(shown(all)).toEqual([]);
    expect(ask(reloaded(all, BASE).zones, 'nas.lan.example A')).toContain('192.0.2.7');
  });

  it('puts aside what no longer fits, says so, and takes it back when it fits again', () => {
    const all = changes(zonesFrom());
    all.set(rrset('new.lan.example. 60 IN A 192.0.2.98'));
    all.set(rrset('x.half.example. 60 IN A 192.0.2.97'));
    const changed = BASE.replace(
      'nas.lan.example. 60 IN A 192.0.2.7',
      'new.lan.example. 60 IN CNAME w.example.',
    ).replace('type: transparent', 'type: always_refuse');
    const { zones, unused } = reloaded(all, changed);
    expect(unused).toEqual(['new.lan.example.', 'x.half.example.']);
    expect(ask(zones, 'new.lan.example A')).toBe('new.lan.example. 60 IN CNAME w.example.');
    expect(ask(zones, 'x.half.example A')).toBe('refused');
    const back = reloaded(all, BASE).zones;
    expect(ask(back, 'new.lan.example A')).toContain('192.0.2.98');
    expect(ask(back, 'x.half.example A')).toContain('192.0.2.97');
  });

  it('removes first: a CNAME set in the place of an A keeps its place', () => {
    const all = changes(zonesFrom());
    all.remove(NAS, Type.A);
    all.set(rrset('nas.lan.example. 60 IN CNAME www.example.'));
    const { zones, unused } = reloaded(all, BASE);
    expect(unused).toEqual([]);
    expect(ask(zones, 'nas.lan.example A')).toContain('CNAME www.example.');
  });

  it('what was put aside can be removed', () => {
    const all = changes(zonesFrom());
    all.set(rrset('x.half.example. 60 IN A 192.0.2.97'));
    reloaded(all, BASE.replace('type: transparent', 'type: always_refuse'));
    expect(all.remove(nameFromText('x.half.example'), Type.A).kind).toBe('done');
    expect(all.size).toBe(0);
  });

  it('names the zones it changes, and everything when they are many', () => {
    const of = (yaml: string) => configFrom(yaml).local;
    const names = (before: string, after: string) => changedLocalZones(of(before), of(after)).map(nameToText).sort();
    expect(names(BASE, BASE)).toEqual([]);
    expect(names(BASE, BASE.replace('192.0.2.8', '192.0.2.9'))).toEqual(['lan.example.']);
    expect(names(BASE, BASE.replace('ads.example', 'bad.example'))).toEqual(['ads.example.', 'bad.example.']);
    expect(names('', 'local: { specialUse: false }')).toEqual(['.']);
    const many = Array.from({ length: 65 }, (_, i) => `{ name: z${i}.example, type: always_refuse }`);
    expect(names('', `local: { zones: [${many.slice(1).join()}] }`)).toHaveLength(64);
    expect(names('', `local: { zones: [${many.join()}] }`)).toEqual(['.']);
  });
});

/** Keeps the texts it was given; `fail` has it refuse. */
class Memory implements TextStore {
  readonly where = '/somewhere/local.zone';
  readonly saved: string[] = [];
  fail: string | undefined;

  load(): string | undefined {
    return this.saved.at(-1);
  }

  async save(text: string): Promise<void> {
    if (this.fail !== undefined) throw new Error(this.fail);
    this.saved.push(text);
  }
}

const log = { debug() {}, info() {}, warn() {}, error() {} };

function running(store: TextStore, flushed: DomainName[] = []) {
  const zones = zonesFrom();
  const flush = async (suffix: DomainName) => flushed.push(suffix);
  return { zones, records: new RuntimeRecords(zones, { store, log, maxRecords: () => 10, flush }) };
}

describe('a restart', () => {
  it('finds what was kept', async () => {
    const store = new Memory();
    const { records } = running(store);
    records.set(rrset('new.lan.example. 30 IN TXT "a;b" "c"'));
    records.remove(NAS, Type.A);
    expect(await records.kept()).toBeUndefined();
    const { zones } = running(store);
    expect(ask(zones, 'new.lan.example TXT')).toBe('new.lan.example. 30 IN TXT "a;b" "c"');
    expect(ask(zones, 'nas.lan.example A')).toBe('nxdomain lan.example.');
  });

  it('writes once for all changes that wait for the file, the last state last', async () => {
    const store = new Memory();
    const { records } = running(store);
    for (let i = 0; i < 9; i++) records.set(rrset(`n${i}.lan.example. IN A 192.0.2.1`));
    await records.kept();
    expect(store.saved).toHaveLength(1);
    expect(changesFromText(store.saved[0]!, 'f', 10)).toHaveLength(9);
  });

  it('says when the file cannot be written, and writes everything once it can', async () => {
    const store = new Memory();
    const { records } = running(store);
    store.fail = 'ENOSPC: no space';
    records.set(rrset('a.lan.example. IN A 192.0.2.1'));
    expect(await records.kept()).toBe('ENOSPC: no space');
    store.fail = undefined;
    records.set(rrset('b.lan.example. IN A 192.0.2.1'));
    expect(await records.kept()).toBeUndefined();
    expect(changesFromText(store.saved.at(-1)!, 'f', 10)).toHaveLength(2);
  });

  it.each([
    ['not a zone file at all {}', /^local\.zone:1: /],
    [';removed nas.lan.example.', /^local\.zone:1: write ";removed NAME TYPE"/],
    [';removed a..b A', /^local\.zone:1: write/],
    ['version.bind. 0 CH TXT "x"', /not of class IN/],
    ['a. A 192.0.2.1\nb. A 192.0.2.1\n;removed c. A\n', /holds 3 changes and 2 may be: raise limits\.localRecords/],
  ])('refuses a file that is not what it wrote: %s', (text, message) => {
    expect(() => changesFromText(text, 'local.zone', 2)).toThrow(message);
    expect(() => changesFromText(text, 'local.zone', 2)).toThrow(LocalFileError);
  });

  it('reads back whatever it wrote', () => {
    const label = fc.string({ minLength: 1, maxLength: 20, unit: 'binary-ascii' });
    const change = fc.record({
      label,
      ttl: fc.nat(2 ** 31 - 1),
      octets: fc.uint8Array({ minLength: 1, maxLength: 40 }),
    });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 8 }), fc.boolean(), (list, removed) => {
        const named = list.map(({ label: text, ttl, octets }) => {
          const name = nameFromText([...text].map((c) => `\\${String(c.charCodeAt(0)).padStart(3, '0')}`).join(''));
          const data = Buffer.concat([Buffer.from([octets.length]), octets]).toString('latin1');
          return {
            name,
            type: Type.TXT,
            rrset: { name, type: Type.TXT, ttl, rdatas: [data], signatures: [] } as never,
          };
        });
        const unique = [...new Map(named.map((one) => [one.name, one])).values()];
        const written = removed ? unique.map(({ name, type }) => ({ name, type, rrset: undefined })) : unique;
        expect(changesFromText(localFileText(written), 'f', 100)).toEqual(written);
      }),
    );
  });
});

describe('the cache', () => {
  it('loses what is at or below the highest name that answers otherwise, in the same step', async () => {
    const flushed: DomainName[] = [];
    const { records } = running(new Memory(), flushed);
    const outcome = records.set(rrset('a.b.lan.example. IN A 192.0.2.1'));
    expect(outcome.kind === 'done' && (await outcome.flushed)).toBe(1);
    expect(records.remove(nameFromText('nothing.lan.example'), Type.A)).toEqual({ kind: 'absent' });
    expect(records.set(rrset('x.ads.example. IN A 192.0.2.1')).kind).toBe('refused');
    expect(flushed.map(nameToText)).toEqual(['b.lan.example.']);
  });
});

describe('the list', () => {
  it('shows configuration, changes and what a removal hides, built-in zones apart', () => {
    const { records } = running(new Memory());
    records.set(rrset('nas.home.arpa. IN A 192.168.1.9'));
    records.set(rrset('www.elsewhere. IN A 192.0.2.5'));
    records.remove(NAS, Type.A);
    const rows = [...records.list(nameFromText('.'))].map(({ rrset: set, zone, source }) => {
      return `${nameToText(set.name)} ${set.rdatas.length} ${zone === undefined ? '-' : nameToText(zone.name)} ${source}`;
    });
    expect(rows.sort()).toEqual([
      'all.example. 1 all.example. config',
      'nas.home.arpa. 1 home.arpa. set',
      'nas.lan.example. 2 lan.example. removed',
      'www.elsewhere. 1 - set',
    ]);
    expect([...records.list(nameFromText('arpa'))]).toHaveLength(1);
    expect(records.at(nameFromText('localhost'), Type.A)).toMatchObject({
      source: 'built-in',
      zone: { type: 'redirect' },
    });
    expect(records.at(nameFromText('nothing.example'), Type.A)).toBeUndefined();
  });
});
