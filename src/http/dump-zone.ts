/**
 * The cache as a master file (RFC 1035 §5), for people and for programs that read zone files: data as records with the
 * seconds they have left, everything else as comments. It says neither how far data is believed nor where it came from,
 * so nothing loads it.
 */
import { nameToText } from '../dns/name.js';
import { typeToText } from '../dns/numbers.js';
import { credibilityName } from '../dns/provenance.js';
import { type RRset, recordsOf } from '../dns/rrset.js';
import type { EntryContent } from '../ports/cache-inspection.js';
import { recordToText } from '../presentation/record-text.js';

/** @param wall milliseconds since 1970 */
export function zoneHead(wall: number): string {
  return `; the cache of rootwalk at ${new Date(wall).toISOString()}: rootwalk cache dump --format zone\n`;
}

/** One entry: a line of comment, then its records, or comments only. */
export function zoneLines(content: EntryContent, wall: number): string {
  const { kind, name, type, security, provenance } = content;
  const ttl = Math.max(0, Math.ceil((content.expires - wall) / 1000));
  const source = provenance.server === '' ? '' : ` from ${provenance.server}`;
  const what = kind === 'rrset' ? '' : `${nameToText(name)} ${type === 0 ? '' : `${typeToText(type)} `}`;
  const head = `; ${what}${kind}, ${ttl} s, ${security.kind}, ${credibilityName(provenance.credibility)}${source}`;
  return [head, ...bodyOf(content, ttl)].map((line) => `${line}\n`).join('');
}

function bodyOf(content: EntryContent, ttl: number): string[] {
  switch (content.kind) {
    case 'rrset':
      return recordLines(content.rrset, ttl);
    case 'nodata':
    case 'nxdomain':
      return content.soa === undefined ? [] : recordLines(content.soa, ttl).map(comment);
    case 'failure':
      return content.because.map(({ code, text }) => comment(`${code} ${JSON.stringify(text)}`));
    case 'delegation':
      return content.servers.map(({ name, addresses }) => comment(`NS ${nameToText(name)} ${addresses.join(' ')}`));
    case 'denial':
      return recordLines(content.rrset, ttl).map(comment);
    default:
      return content satisfies never;
  }
}

function recordLines(rrset: RRset, ttl: number): string[] {
  return [...recordsOf({ ...rrset, ttl }, true)].map(recordToText);
}

function comment(line: string): string {
  return `;   ${line.trimEnd()}`;
}
