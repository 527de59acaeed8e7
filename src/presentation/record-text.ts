/** One resource record <-> one line, as dig prints it and people write it in a config file. */
import { type DomainName, nameFromWire, nameToText, ROOT } from '../dns/name.js';
import { Class, classToText, typeToText } from '../dns/numbers.js';
import type { ResourceRecord } from '../dns/rrset.js';
import { EntryScanner } from './entry-scanner.js';
import { wireOfToken } from './fields/name-fields.js';
import { PresentationError } from './presentation-error.js';
import { rdataFromTokens, rdataToText } from './rdata-text.js';
import { readHead } from './record-head.js';

/** Seconds, for a record that states no TTL where no other default applies: what BIND and Unbound use for local data. */
export const FALLBACK_TTL = 3600;

/** `name. ttl IN TYPE rdata`, words between single spaces. Reads back as the same record. Never throws. */
export function recordToText(record: ResourceRecord): string {
  const { name, ttl, type, rdata } = record;
  const head = `${nameToText(name)} ${ttl} ${classToText(record.class)} ${typeToText(type)}`;
  const text = rdataToText(type, rdata);
  return text === '' ? head : `${head} ${text}`;
}

/**
 * A record from `owner [ttl] [class] type rdata`. Class IN and FALLBACK_TTL when left out; relative names are
 * completed with `origin`, the root unless given. Throws PresentationError.
 */
export function recordFromText(line: string, origin: DomainName = ROOT): ResourceRecord {
  const scanner = new EntryScanner(line);
  const entry = scanner.next();
  if (entry === undefined) throw new PresentationError('there is no record');
  if (entry.problem !== undefined) throw new PresentationError(entry.problem);
  if (scanner.next() !== undefined) throw new PresentationError('there is more than one line');
  const { tokens } = entry;
  const name = nameFromWire(wireOfToken(tokens[0]!, origin));
  const head = readHead(tokens, 1);
  const rdata = rdataFromTokens(head.type, tokens, origin, head.rdataAt);
  return { name, type: head.type, class: head.class ?? Class.IN, ttl: head.ttl ?? FALLBACK_TTL, rdata };
}
