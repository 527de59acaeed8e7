/** The shared signature data as values: whole records in wire form, owner to RDATA. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { type DomainName, nameAt } from '../../src/dns/name.js';
import { type Octets, octetsFromHex, sliceOctets, uint16At, uint32At } from '../../src/dns/octets.js';
import type { ResourceRecord } from '../../src/dns/rrset.js';
import type { Work, WorkBudget } from '../../src/ports/budget.js';

const projectRoot = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const sharedData = resolve(projectRoot, '../shared/data');
export const hasSharedData = existsSync(sharedData);
/** For the titles of tests that are skipped. */
export const needsSharedData = hasSharedData ? '' : ' (skipped: no ../shared/data)';

export function readShared(path: string): string {
  const octets = readFileSync(join(sharedData, path));
  return (path.endsWith('.gz') ? gunzipSync(octets) : octets).toString('utf8');
}

export interface Triple {
  readonly owner: DomainName;
  readonly type: number;
  readonly ttl: number;
  readonly rdatas: readonly Octets[];
  readonly signature: Octets;
  readonly key: Octets;
}

/** All triples of one file of the shared data. */
export function triples(file: string): Triple[] {
  const entries = JSON.parse(readShared(`dnssec/${file}`)) as { sig: string; key: string; rrset: string[] }[];
  return entries.map(({ sig, key, rrset }) => {
    const records = rrset.map(recordOf);
    const { name, type, ttl } = records[0]!;
    const rdatas = records.map((record) => record.rdata);
    return { owner: name, type, ttl, rdatas, signature: recordOf(sig).rdata, key: recordOf(key).rdata };
  });
}

function recordOf(hex: string): ResourceRecord {
  const wire = octetsFromHex(hex)!;
  const name = nameAt(wire, 0)!;
  const at = name.length;
  const rdata = sliceOctets(wire, at + 10, at + 10 + uint16At(wire, at + 8));
  return { name, type: uint16At(wire, at), class: uint16At(wire, at + 2), ttl: uint32At(wire, at + 4), rdata };
}

/** A budget that counts, with so many signatures to spend. */
export class CountingBudget implements WorkBudget {
  signatures = 0;
  constructor(readonly limit = Number.POSITIVE_INFINITY) {}
  charge(work: Work): boolean {
    if (work === 'signatures' && this.signatures < this.limit) {
      this.signatures++;
      return true;
    }
    return false;
  }
  timeLeft(): number {
    return 5000;
  }
  get exhausted(): string | undefined {
    return this.signatures >= this.limit ? 'signatures' : undefined;
  }
  used(work: Work): number {
    return work === 'signatures' ? this.signatures : 0;
  }
}
