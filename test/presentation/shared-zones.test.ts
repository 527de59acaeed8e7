/**
 * Zone files of other projects' tests, and the root zone itself: is what they read there read here?
 *
 * knot-zscanner: pairs of a zone file and the outcome of each of its lines. Compared is the sequence of records. Where
 * Knot refuses what is accepted here, the record is listed below with the reason. Not compared: what Knot does after an
 * error that makes it stop (here the next line is read), and files about `$INCLUDE` (refused here) and about types that
 * dns/numbers.ts does not know (ALIAS, DELEG).
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { lowerCaseOctets } from '../../src/dns/name.js';
import { Type } from '../../src/dns/numbers.js';
import { hexOf, octetsFromHex } from '../../src/dns/octets.js';
import type { ResourceRecord } from '../../src/dns/rrset.js';
import { type MasterFile, parseMasterFile } from '../../src/presentation/master-file.js';
import { recordToText } from '../../src/presentation/record-text.js';

const shared = path.resolve(import.meta.dirname, '../../../shared/data');
const read = (file: string): string => readFileSync(path.join(shared, file), 'utf8');

const identity = ({ name, type, class: rrClass, ttl, rdata }: ResourceRecord): string =>
  [hexOf(name), rrClass, ttl, type, hexOf(rdata)].join(' ');

/** Shown as text and read again, nothing may have changed. */
function readsBack({ records }: MasterFile): void {
  const again = parseMasterFile(records.map(recordToText).join('\n'));
  expect(again.problems).toEqual([]);
  expect(again.records.length).toBe(records.length);
  expect(again.records.filter((record, i) => identity(record) !== identity(records[i]!))).toEqual([]);
}

describe.skipIf(!existsSync(path.join(shared, 'zones/knot-zscanner')))(
  'knot-zscanner (skipped without shared data)',
  () => {
    const folder = 'zones/knot-zscanner';
    const skipped = /^(06-|62_ALIAS|63_DELEG)/;
    const files = existsSync(path.join(shared, folder))
      ? readdirSync(path.join(shared, folder)).filter((file) => file.endsWith('.in') && !skipped.test(file))
      : [];

    /** Knot's outcome of a file: its records, how many lines it refused, and whether it stopped early. */
    function outcomeOf(file: string): { records: string[]; refused: number; stopped: boolean } {
      const blocks = read(`${folder}/${file.replace(/in$/, 'out')}`)
        .split('------\n')
        .filter((block) => block !== '')
        .map((block) =>
          Object.fromEntries(
            block
              .trim()
              .split('\n')
              .map((line) => line.split('=', 2)),
          ),
        );
      const records = blocks
        .filter((block) => block.OWNER !== undefined)
        .map((block) => {
          const owner = lowerCaseOctets(octetsFromHex(block.OWNER!)!);
          const [rrClass, ttl, type] = [block.CLASS, block.RRTTL, block.RTYPE].map((hex) => Number.parseInt(hex!, 16));
          return [hexOf(owner), rrClass, ttl, type, block.RDATA!.toLowerCase()].join(' ');
        });
      const refused = blocks.filter((block) => block.WARNG !== undefined).length;
      return { records, refused, stopped: blocks.some((block) => block.ERROR !== undefined) };
    }

    /** Why a record that Knot refuses is accepted here. */
    const accepted: readonly (readonly [pattern: RegExp, reason: string])[] = [
      [/ \\# 0$/, 'RFC 3597 §5 form is taken as it is for every type: labs serve malformed RDATA on purpose'],
      [/[&,%]|\\@|\\\$/, 'names may hold any octet, RFC 2181 §11'],
      [/ CH NS /, 'class CH'],
      [/ AA==$/, 'base64 may be divided by blanks anywhere'],
      [/ NSEC3 0 0 0 - [0-9A-V]+$/, 'base32hex is written without padding, RFC 5155 §3.3'],
      [/^\. 1 IN TXT "" "\\009/, 'a quote right after a quoted string begins another'],
    ];
    /** The same for files where the record itself does not show it. */
    const acceptedIn: Readonly<Record<string, string>> = {
      '00-0_general.in': 'nested parentheses',
      '02_class.in': 'CLASS1 is class IN, RFC 3597 §5',
      '04-0_ORIGIN.in': 'after a bad $ORIGIN the reading goes on',
    };

    /** Files where Knot stops and nothing is wrong here. */
    const nothingWrongIn: Readonly<Record<string, string>> = {
      '00-2_general.in': 'a line may end in CR LF',
      '04-1_ORIGIN.in': '$ORIGIN may be relative',
      '04-2_ORIGIN.in': 'names may hold any octet, RFC 2181 §11',
    };

    it.each(files)('%s', (file) => {
      const outcome = outcomeOf(file);
      const result = parseMasterFile(read(`${folder}/${file}`), { defaultTtl: 0 });
      // A string of 256 octets is divided by Knot and refused here: a character-string has 255 (RFC 1035 §3.3).
      const expected = outcome.records.filter(
        (line) => !/ 16 ff(..){255}01/.test(line) && !/ 16 ff(..){255}../.test(line),
      );
      const divided = outcome.records.length - expected.length;
      let matched = 0;
      const extra: ResourceRecord[] = [];
      for (const record of result.records) {
        if (identity(record) === expected[matched]) matched++;
        else extra.push(record);
      }
      expect(matched).toBe(expected.length);
      const unexplained = extra.map(recordToText).filter((text) => !accepted.some(([pattern]) => pattern.test(text)));
      if (acceptedIn[file] === undefined) expect(unexplained).toEqual([]);
      else expect(unexplained).toEqual(['. 1 IN NS .']);
      if (!outcome.stopped) expect(result.problems.length - divided + extra.length).toBe(outcome.refused);
      else expect(result.problems.length > 0).toBe(nothingWrongIn[file] === undefined);
      readsBack(result);
    });
  },
);

describe.skipIf(!existsSync(path.join(shared, 'zones/nsd')))('nsd (skipped without shared data)', () => {
  const zone = (file: string): MasterFile => parseMasterFile(read(`zones/nsd/${file}`));
  const sorted = ({ records }: MasterFile): string[] => [...new Set(records.map(identity))].sort();
  const messages = ({ problems }: MasterFile): string[] => problems.map(({ message }) => message);

  it('reads the zone of all types and what NSD made of it as the same records', () => {
    const [written, printed] = [zone('rr-test.tdir__rr-test.zone'), zone('rr-test.tdir__rr-test.cmp_zone')];
    expect(sorted(written)).toEqual(sorted(printed));
    expect(written.records).toHaveLength(105);
    // IPN (a draft) and NXT (obsolete) have no text form here.
    for (const file of [written, printed])
      expect(messages(file).every((text) => /^(IPN|NXT) has no/.test(text))).toBe(true);
    expect(written.problems).toHaveLength(4);
    readsBack(written);
  });

  it('reads the SVCB vectors in text and in octets as the same records', () => {
    const [text, octets] = [zone('svcb.tdir__svcb.test-vectors-pf.zone'), zone('svcb.tdir__svcb.test-vectors-wf.zone')];
    expect(octets.problems).toEqual([]);
    // "pvd" and "oots" come from drafts.
    expect(messages(text).every((message) => /^"(pvd|oots)" is not a SvcParamKey/.test(message))).toBe(true);
    expect(text.problems).toHaveLength(4);
    const drafts = /^(pvd|oots)-/;
    const known = octets.records.filter((record) => !drafts.test(recordToText(record)));
    expect(text.records.map(identity)).toEqual(known.map(identity));
    readsBack(octets);
  });

  it('refuses every SVCB failure case', () => {
    const cases = readdirSync(path.join(shared, 'zones/nsd')).filter((file) => /failure-cases-\d+$/.test(file));
    expect(cases).toHaveLength(32);
    for (const file of cases) {
      const { records, problems } = zone(file);
      expect(
        records.map(({ type }) => type),
        file,
      ).toEqual([Type.SOA]);
      expect(problems.length, file).toBeGreaterThan(0);
    }
  });

  it('reads NSAP reverse names and SVCB values of 65 kilooctets', () => {
    expect(zone('rr-test.tdir__rr-test.nsap.int.zone').problems).toEqual([]);
    const wrap = zone('svcb_uint16_wrap.tdir__svcb_uint16_wrap.problem-zone');
    expect(wrap.problems).toEqual([]);
    expect(wrap.records.map(({ rdata }) => rdata.length)).toEqual([22, 65_512]);
    readsBack(wrap);
  });
});

describe.skipIf(!existsSync(path.join(shared, 'root')))('the root zone (skipped without shared data)', () => {
  it.each([
    ['root.zone.2026-08-22.rrsig-stripped.gz', 22_094],
    ['root.zone.2023-11-05.signed.gz', 25_097],
  ])('%s', (file, count) => {
    const result = parseMasterFile(gunzipSync(readFileSync(path.join(shared, 'root', file))).toString('utf8'));
    expect(result.problems).toEqual([]);
    expect(result.records).toHaveLength(count);
    readsBack(result);
  });
});
