/** Denial records as values: master-file text to RRsets, and a budget that counts hashes. */
import { type DomainName, nameFromText } from '../../src/dns/name.js';
import { groupRecords, type RRset } from '../../src/dns/rrset.js';
import type { Work, WorkBudget } from '../../src/ports/budget.js';
import { parseMasterFile } from '../../src/presentation/master-file.js';
import type { DenialProof } from '../../src/validator/denial.js';

/** Charges NSEC3 hashes up to its limit, and nothing else. */
export class HashBudget implements WorkBudget {
  hashes = 0;
  refused = 0;
  constructor(readonly limit = Number.POSITIVE_INFINITY) {}

  charge(work: Work): boolean {
    if (work !== 'nsec3Hashes') throw new Error(`denial charges NSEC3 hashes, not ${work}`);
    if (this.hashes >= this.limit) {
      this.refused++;
      return false;
    }
    this.hashes++;
    return true;
  }

  timeLeft(): number {
    return 1000;
  }

  get exhausted(): string | undefined {
    return this.refused > 0 ? `${this.limit} NSEC3 hashes` : undefined;
  }

  used(): number {
    return this.hashes;
  }
}

/** Throws on the first line that cannot be read. */
export function rrsetsFrom(text: string, origin: DomainName): RRset[] {
  const { records, problems } = parseMasterFile(text, { origin, defaultTtl: 300 });
  if (problems.length > 0) throw new Error(problems[0]!.message);
  return groupRecords(records);
}

/** A proof of `zone` made of the denial records in the text. */
export function proofFrom(zone: string, text: string, options: Partial<DenialProof> = {}): DenialProof {
  const apex = nameFromText(zone);
  return { zone: apex, rrsets: rrsetsFrom(text, apex), budget: new HashBudget(), maxIterations: 50, ...options };
}
