/**
 * What does a line of a dump say? Text that anybody may have written becomes values, or a LineError that says what is
 * wrong; whether there can be such an entry is for the cache to say.
 */
import { addressFromRdata, addressToOctets } from '../dns/address.js';
import type { ExtendedError } from '../dns/extended-error.js';
import { type DomainName, NameError, nameFromText } from '../dns/name.js';
import { Type, typeFromText, typeToText } from '../dns/numbers.js';
import type { Octets } from '../dns/octets.js';
import { Credibility, type Provenance } from '../dns/provenance.js';
import type { RRset } from '../dns/rrset.js';
import type { Security } from '../dns/security.js';
import type { EntryContent } from '../ports/cache-inspection.js';
import { PresentationError } from '../presentation/presentation-error.js';
import { fieldsOf as fieldsOfType } from '../presentation/rdata-table.js';
import { rdataFromText, rdataToText } from '../presentation/rdata-text.js';
import { isEntryKind } from './cache-parameters.js';
import { DUMP_NAME, DUMP_VERSION } from './dump-lines.js';

/** A line that is not what it should be; the message says why. */
export class LineError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'LineError';
  }
}

/** Octets of a line worth reading: an entry of the largest `limits.entryOctets`, each octet written as \\DDD. */
export const MAX_LINE = 2 * 1024 * 1024;
/** Items of a list; what a packed entry can count. */
const MAX_ITEMS = 0xffff;
const MAX_ADDRESSES = 255;
/** Milliseconds since 1970, up to the year 9999. */
const MAX_TIME = 253_402_300_799_999;

/** Reads the first line. Throws LineError. */
export function readDumpHead(line: string): void {
  if (/^\s*;|^\S+\s+\d+\s+IN\s/.test(line)) {
    throw new LineError(
      'this is a master file, which says neither where data came from nor whether it is secure: load what "rootwalk cache dump" writes without --format zone',
    );
  }
  const head = parsed(line);
  if (head.format !== DUMP_NAME) {
    throw new LineError(`this is no dump of the cache: its first line has no "format":"${DUMP_NAME}"`);
  }
  if (head.version !== DUMP_VERSION) {
    throw new LineError(`this dump is of version ${JSON.stringify(head.version)}; version ${DUMP_VERSION} is known`);
  }
}

/** Reads any other line. Throws LineError. */
export function readDumpLine(line: string): EntryContent {
  const from = parsed(line);
  const { kind } = from;
  if (typeof kind !== 'string' || !isEntryKind(kind)) throw new LineError(`kind: ${told(kind)} is no kind of entry`);
  const name = nameIn(from, 'name');
  const type = kind === 'nxdomain' || kind === 'delegation' ? 0 : typeIn(from);
  const head = {
    name,
    type,
    expires: wholeIn(from, 'expires', MAX_TIME),
    storedAt: wholeIn(from, 'storedAt', MAX_TIME),
    ttlOriginal: wholeIn(from, 'ttlOriginal', 0x7fffffff),
    hits: wholeIn(from, 'hits', Number.MAX_SAFE_INTEGER),
    security: securityIn(from),
    provenance: provenanceIn(from),
  };
  switch (kind) {
    case 'rrset':
      return { kind, rrset: dataIn(from, name, type), proof: setsIn(from, 'proof'), ...head };
    case 'nodata':
    case 'nxdomain':
      return { kind, soa: setIn(from, 'soa'), proof: setsIn(from, 'proof'), compact: from.compact === true, ...head };
    case 'failure':
      return { kind, backoff: wholeIn(from, 'backoff', 0x7fffffff), because: reasonsIn(from), ...head };
    case 'delegation':
      return { kind, servers: serversIn(from), ds: setIn(from, 'ds'), denial: setsIn(from, 'denial'), ...head };
    case 'denial':
      return { kind, zone: nameIn(from, 'zone'), rrset: dataIn(from, name, type), ...head };
    default:
      return kind satisfies never;
  }
}

type Fields = Readonly<Record<string, unknown>>;

function parsed(line: string): Fields {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new LineError('this is not JSON');
  }
  return fieldsOf(value, 'the line');
}

function fieldsOf(value: unknown, what: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  throw new LineError(`${what}: ${told(value)} is no object`);
}

/** The value for a message, cut short. */
function told(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

function wholeIn(from: Fields, key: string, max: number): number {
  const value = from[key];
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= max) return value;
  throw new LineError(`${key}: ${told(value)} is not a whole number from 0 to ${max}`);
}

function textIn(from: Fields, key: string, max: number): string {
  const value = from[key];
  if (typeof value === 'string' && value.length <= max) return value;
  throw new LineError(`${key}: ${told(value)} is not a text of at most ${max} characters`);
}

function listIn(from: Fields, key: string, max = MAX_ITEMS): readonly unknown[] {
  const value = from[key] ?? [];
  if (Array.isArray(value) && value.length <= max) return value;
  throw new LineError(`${key}: it is not a list of at most ${max}`);
}

/** A text that can only be one of those. */
function wordIn<T extends string>(from: Fields, key: string, words: readonly T[]): T {
  const word = words.find((known) => known === from[key]);
  if (word !== undefined) return word;
  throw new LineError(`${key}: ${told(from[key])} is none of ${words.join(', ')}`);
}

function nameIn(from: Fields, key: string): DomainName {
  try {
    return nameFromText(textIn(from, key, MAX_NAME_CHARACTERS));
  } catch (error) {
    if (error instanceof NameError) throw new LineError(`${key}: ${error.message}`);
    throw error;
  }
}

/** 255 octets, each as \DDD. */
const MAX_NAME_CHARACTERS = 1020;

function typeIn(from: Fields): number {
  const type = typeFromText(textIn(from, 'type', 20));
  if (type !== undefined && type > 0) return type;
  throw new LineError(`type: ${told(from.type)} is no record type`);
}

/** The records of a set; their TTL is that of the entry. */
function dataIn(from: Fields, name: DomainName, type: number): RRset {
  const rdatas = listIn(from, 'data').map((text) => rdataIn(type, text, 'data'));
  if (rdatas.length === 0) throw new LineError('data: a set has records');
  const signatures = listIn(from, 'signatures').map((text) => rdataIn(Type.RRSIG, text, 'signatures'));
  return { name, type, ttl: 0, rdatas, signatures };
}

/**
 * Everybody who reads RDATA of a known type takes for granted that it was well-formed when it came in: the generic form
 * (RFC 3597 §5) could say anything.
 */
function rdataIn(type: number, text: unknown, key: string): Octets {
  if (typeof text !== 'string') throw new LineError(`${key}: ${told(text)} is no text`);
  const rdata = rdataOf(type, text, key);
  const isGeneric = text.startsWith('\\#') && fieldsOfType(type) !== undefined;
  if (!isGeneric || !rdataToText(type, rdata).startsWith('\\#')) return rdata;
  throw new LineError(`${key}: ${told(text)} is no ${typeToText(type)}`);
}

function rdataOf(type: number, text: string, key: string): Octets {
  try {
    return rdataFromText(type, text);
  } catch (error) {
    if (error instanceof PresentationError || error instanceof NameError)
      throw new LineError(`${key}: ${error.message}`);
    throw error;
  }
}

function setFrom(value: unknown, key: string): RRset {
  const from = fieldsOf(value, key);
  return dataIn(from, nameIn(from, 'name'), typeIn(from));
}

function setIn(from: Fields, key: string): RRset | undefined {
  return from[key] === null || from[key] === undefined ? undefined : setFrom(from[key], key);
}

function setsIn(from: Fields, key: string): RRset[] {
  return listIn(from, key).map((value) => setFrom(value, key));
}

function serversIn(from: Fields): { name: DomainName; addresses: string[] }[] {
  return listIn(from, 'servers').map((value) => {
    const server = fieldsOf(value, 'servers');
    return { name: nameIn(server, 'name'), addresses: listIn(server, 'addresses', MAX_ADDRESSES).map(addressFrom) };
  });
}

/** In canonical form. */
function addressFrom(value: unknown): string {
  const octets = typeof value === 'string' && !value.includes('%') ? addressToOctets(value) : undefined;
  const address = octets && addressFromRdata(octets);
  if (address !== undefined) return address;
  throw new LineError(`addresses: ${told(value)} is no IP address`);
}

/** Characters of a reason. */
const MAX_REASON = 0xffff;

function reasonFrom(value: unknown, key: string): ExtendedError {
  const from = fieldsOf(value, key);
  return { code: wholeIn(from, 'code', 0xffff), text: textIn(from, 'text', MAX_REASON) };
}

function reasonsIn(from: Fields): ExtendedError[] {
  return listIn(from, 'because').map((value) => reasonFrom(value, 'because'));
}

function securityIn(line: Fields): Security {
  const from = fieldsOf(line.security, 'security');
  const kind = wordIn(from, 'kind', ['secure', 'insecure', 'bogus', 'indeterminate', 'unchecked']);
  switch (kind) {
    case 'bogus':
      return { kind, because: textIn(from, 'because', MAX_REASON), ede: reasonFrom(from.ede, 'ede') };
    case 'insecure':
      return from.ede === undefined ? { kind } : { kind, ede: reasonFrom(from.ede, 'ede') };
    case 'secure':
    case 'indeterminate':
    case 'unchecked':
      return { kind };
    default:
      return kind satisfies never;
  }
}

const CREDIBILITIES = Object.keys(Credibility) as (keyof typeof Credibility)[];

function provenanceIn(line: Fields): Provenance {
  const from = fieldsOf(line.provenance, 'provenance');
  return {
    server: asciiIn(from, 'server', 255),
    transport: wordIn(from, 'transport', ['udp', 'tcp', 'local']),
    section: wordIn(from, 'section', ['answer', 'authority', 'additional']),
    credibility: Credibility[wordIn(from, 'credibility', CREDIBILITIES)],
    askedFor: asciiIn(from, 'askedFor', 1023),
    costMs: wholeIn(from, 'costMs', 0xffff),
    costExchanges: wholeIn(from, 'costExchanges', 0xffff),
  };
}

/** Packed entries have one octet a character. */
function asciiIn(from: Fields, key: string, max: number): string {
  const text = textIn(from, key, max);
  if (/^[\x20-\x7e]*$/.test(text)) return text;
  throw new LineError(`${key}: ${told(text)} has characters that are not ASCII`);
}
