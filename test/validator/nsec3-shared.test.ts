/**
 * The shared NSEC3 vectors: 78 hashes and 149 questions put to real records. All are used. Of `find_coverer` the opt-out
 * flag alone is compared: the types of a covering record are never asked for.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { TypeBitmap } from '../../src/dns/denial-rdata.js';
import { type DomainName, nameAt, nameFromText, nameToText, parentOf, ROOT } from '../../src/dns/name.js';
import { octetsFromHex, sliceOctets, uint16At } from '../../src/dns/octets.js';
import type { RRset } from '../../src/dns/rrset.js';
import { type DenialProof, denyDs, denyName, denyType } from '../../src/validator/denial.js';
import { nextCloserName } from '../../src/validator/evidence.js';
import { Nsec3Evidence, nsec3Links } from '../../src/validator/nsec3.js';
import { nsec3Hash } from '../../src/validator/nsec3-hash.js';
import { HashBudget } from './denial-records.js';

interface Vectors {
  hash_name: { name: string; ha: number; iter: number; salt: string; result: string }[];
  cover: { rr: string; name: string; result: boolean }[];
  match: { rr: string; name: string; result: boolean }[];
  find_matching: { name: string; nsec: string[]; result: string | null }[];
  find_closest_encloser: { name: string; nsec: string[]; result: [string, string] }[];
  find_coverer: { name: string; nsec: string[]; result: [string, boolean] }[];
  verify_name_error: { qs: string; nsec: string[]; result: boolean }[];
  verify_no_data: { qs: string; nsec: string[]; result: boolean }[];
  verify_delegation: { delegation: string; nsec: string[]; result: boolean }[];
}

const projectRoot = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const file = join(resolve(projectRoot, '../shared/data'), 'dnssec/nsec3-vectors.json');
const present = existsSync(file);
const vectors = present ? (JSON.parse(readFileSync(file, 'utf8')) as Vectors) : undefined;

/** A whole record in wire form: owner, type, class, TTL, RDATA. */
function rrsetOf(hex: string): RRset {
  const wire = octetsFromHex(hex)!;
  const name = nameAt(wire, 0)!;
  const at = name.length;
  const rdata = sliceOctets(wire, at + 10, at + 10 + uint16At(wire, at + 8));
  return { name, type: uint16At(wire, at), ttl: 300, rdatas: [rdata], signatures: [] };
}

function proofOf(records: readonly string[]): DenialProof {
  const rrsets = records.map(rrsetOf);
  const zone = rrsets.length === 0 ? ROOT : parentOf(rrsets[0]!.name)!;
  return { zone, rrsets, budget: new HashBudget(), maxIterations: 150 };
}

/** Undefined for no records: there is no chain to ask then. */
function evidenceOf(records: readonly string[]): Nsec3Evidence | undefined {
  if (records.length === 0) return undefined;
  const { zone, rrsets, budget } = proofOf(records);
  return new Nsec3Evidence(zone, nsec3Links(zone, rrsets), budget);
}

function question(hex: string): { name: DomainName; type: number } {
  const wire = octetsFromHex(hex)!;
  const name = nameAt(wire, 0)!;
  return { name, type: uint16At(wire, name.length) };
}

function typesIn(bitmap: TypeBitmap): number[] {
  return Array.from({ length: 65536 }, (_, type) => type).filter((type) => bitmap.has(type));
}

describe.skipIf(!present)(`shared NSEC3 vectors${present ? '' : ' (skipped: no ../shared/data)'}`, () => {
  it('hash_name: 78', () => {
    expect(vectors!.hash_name).toHaveLength(78);
    for (const { name, ha, iter, salt, result } of vectors!.hash_name) {
      expect(ha).toBe(1);
      expect(nsec3Hash(nameFromText(name), octetsFromHex(salt)!, iter), name).toBe(octetsFromHex(result));
    }
  });

  it('match: 62, cover: 16', () => {
    expect([vectors!.match.length, vectors!.cover.length]).toEqual([62, 16]);
    for (const { rr, name, result } of vectors!.match) {
      expect(evidenceOf([rr])!.typesAt(nameFromText(name)) !== undefined, name).toBe(result);
    }
    for (const { rr, name, result } of vectors!.cover) {
      const at = nameFromText(name);
      expect(evidenceOf([rr])!.absenceBelow(at, parentOf(at)!) !== undefined, name).toBe(result);
    }
  });

  it('find_matching: 34, find_coverer: 10', () => {
    expect([vectors!.find_matching.length, vectors!.find_coverer.length]).toEqual([34, 10]);
    for (const { name, nsec, result } of vectors!.find_matching) {
      const types = evidenceOf(nsec)?.typesAt(nameFromText(name));
      const expected = result === null ? undefined : typesIn(TypeBitmap.at(octetsFromHex(result)!, 0)!);
      expect(types && typesIn(types), name).toEqual(expected);
    }
    for (const { name, nsec, result } of vectors!.find_coverer) {
      const at = nameFromText(name);
      expect(evidenceOf(nsec)?.absenceBelow(at, parentOf(at)!)?.optOut, name).toBe(result[1]);
    }
  });

  it('find_closest_encloser: 11', () => {
    expect(vectors!.find_closest_encloser).toHaveLength(11);
    for (const { name, nsec, result } of vectors!.find_closest_encloser) {
      const at = nameFromText(name);
      const encloser = evidenceOf(nsec)?.absenceOf(at)?.closestEncloser;
      const found =
        encloser === undefined ? ['', ''] : [nameToText(encloser), nameToText(nextCloserName(at, encloser))];
      expect(found, name).toEqual(result);
    }
  });

  it('verify_name_error: 6, verify_no_data: 5, verify_delegation: 5', () => {
    const { verify_name_error, verify_no_data, verify_delegation } = vectors!;
    expect([verify_name_error.length, verify_no_data.length, verify_delegation.length]).toEqual([6, 5, 5]);
    for (const { qs, nsec, result } of verify_name_error) {
      expect(denyName(question(qs).name, proofOf(nsec)).kind === 'proved', qs).toBe(result);
    }
    for (const { qs, nsec, result } of verify_no_data) {
      const { name, type } = question(qs);
      expect(denyType(name, type, proofOf(nsec)).kind === 'proved', qs).toBe(result);
    }
    for (const { delegation, nsec, result } of verify_delegation) {
      expect(denyDs(nameFromText(delegation), proofOf(nsec)).kind === 'insecure-delegation', delegation).toBe(result);
    }
  });
});
