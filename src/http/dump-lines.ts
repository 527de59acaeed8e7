/**
 * How is an entry of the cache written, so that it can be read back to the last octet? JSON lines: the first says what
 * and which version it is, each other one is an entry. Records are text as in a zone file, times milliseconds since 1970.
 */
import { nameToText } from '../dns/name.js';
import { Type, typeToText } from '../dns/numbers.js';
import { credibilityName } from '../dns/provenance.js';
import type { RRset } from '../dns/rrset.js';
import type { EntryContent } from '../ports/cache-inspection.js';
import { rdataToText } from '../presentation/rdata-text.js';

/** What the first line has under `format`. */
export const DUMP_NAME = 'rootwalk-cache';
/** Raised when a line means something else than before. */
export const DUMP_VERSION = 1;

/** The first line. @param wall milliseconds since 1970 */
export function dumpHead(wall: number): string {
  const head = { format: DUMP_NAME, version: DUMP_VERSION, dumpedAt: new Date(wall).toISOString() };
  return `${JSON.stringify(head)}\n`;
}

/** One line. */
export function dumpLine(content: EntryContent): string {
  const { kind, name, type, expires, storedAt, ttlOriginal, hits, security, provenance } = content;
  const line = {
    kind,
    name: nameToText(name),
    ...(type === 0 ? {} : { type: typeToText(type) }),
    expires,
    storedAt,
    ttlOriginal,
    hits,
    security,
    provenance: { ...provenance, credibility: credibilityName(provenance.credibility) },
    ...bodyOf(content),
  };
  return `${JSON.stringify(line)}\n`;
}

function bodyOf(content: EntryContent): object {
  switch (content.kind) {
    case 'rrset': {
      const { data, signatures } = dataOf(content.rrset);
      return { data, signatures, proof: content.proof.map(setOf) };
    }
    case 'nodata':
    case 'nxdomain':
      return {
        soa: content.soa === undefined ? null : setOf(content.soa),
        proof: content.proof.map(setOf),
        compact: content.compact,
      };
    case 'failure':
      return { backoff: content.backoff, because: content.because };
    case 'delegation':
      return {
        servers: content.servers.map(({ name, addresses }) => ({ name: nameToText(name), addresses })),
        ds: content.ds === undefined ? null : setOf(content.ds),
        denial: content.denial.map(setOf),
      };
    case 'denial':
      return { zone: nameToText(content.zone), ...dataOf(content.rrset) };
    default:
      return content satisfies never;
  }
}

/** A set of its own name and type. */
function setOf(rrset: RRset): object {
  return { name: nameToText(rrset.name), type: typeToText(rrset.type), ...dataOf(rrset) };
}

function dataOf({ type, rdatas, signatures }: RRset): { data: string[]; signatures: string[] } {
  return {
    data: rdatas.map((rdata) => rdataToText(type, rdata)),
    signatures: signatures.map((rdata) => rdataToText(Type.RRSIG, rdata)),
  };
}
