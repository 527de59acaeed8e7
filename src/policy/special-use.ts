/**
 * Which names are answered here because nobody else should be asked? Special-use names (RFC 6761 and its registry) and
 * locally served zones (RFC 6303). The example names (example., example.com. ...) are not among them: resolvers treat
 * those like any other (RFC 6761 §6.5).
 */
import type { LocalZoneType } from '../config/schema.js';
import { addressToOctets } from '../dns/address.js';
import { type DomainName, nameFromText } from '../dns/name.js';
import { Class, Type } from '../dns/numbers.js';
import { concatOctets, type Octets, octets32 } from '../dns/octets.js';
import type { ResourceRecord } from '../dns/rrset.js';

export interface SpecialUseZone {
  readonly zone: DomainName;
  readonly type: LocalZoneType;
  readonly records: readonly ResourceRecord[];
  /** The document that asks for it. */
  readonly because: string;
  /** Steps aside for routes above it too, not just at or below it. */
  readonly yieldsToAnyRoute: boolean;
}

/** A row: the zone, what it does, its document and its records beside SOA and NS. */
type Row = readonly [zone: string, action: Action, because: string, ...records: (readonly [number, string])[]];

/**
 * `empty`: nothing but the apex exists. `nodata`: every name exists and has nothing. `spread`: every name has the records
 * of the apex. `pass`: as `empty`, but only where no route covers the zone.
 */
type Action = 'empty' | 'nodata' | 'spread' | 'pass';

// biome-ignore format: a table reads better in rows
const NAMED: readonly Row[] = [
  // Address queries get loopback for every name below too, other types a negative answer.
  ['localhost',        'spread', 'RFC 6761 §6.3', [Type.A, '127.0.0.1'], [Type.AAAA, '::1']],
  ['invalid',          'empty',  'RFC 6761 §6.4'],
  ['test',             'empty',  'RFC 6761 §6.2'],
  ['onion',            'empty',  'RFC 7686 §2'],
  ['local',            'empty',  'RFC 6762 §22.1'],
  ['alt',              'empty',  'RFC 9476 §2'],
  ['internal',         'empty',  'ICANN resolution 2024.07.29.06'],
  ['home.arpa',        'empty',  'RFC 8375 §4'],
  ['resolver.arpa',    'nodata', 'RFC 9462 §6.4'],
  ['service.arpa',     'empty',  'RFC 9665'],
  // A forwarder with DNS64 makes an AAAA for it that tells clients their NAT64 prefix (RFC 7050).
  ['ipv4only.arpa',    'pass',   'RFC 8880 §7.1', [Type.A, '192.0.0.170'], [Type.A, '192.0.0.171']],
];

const V6_ZEROS = '0.'.repeat(31);

// biome-ignore format: a table reads better in rows
const REVERSE: readonly Row[] = [
  ['10.in-addr.arpa',                'empty', 'RFC 6303 §4.1'],
  ['168.192.in-addr.arpa',           'empty', 'RFC 6303 §4.1'],
  ...numbered(16, 31).map((n): Row => [`${n}.172.in-addr.arpa`, 'empty', 'RFC 6303 §4.1']),
  ...numbered(64, 127).map((n): Row => [`${n}.100.in-addr.arpa`, 'empty', 'RFC 7793']),
  ['0.in-addr.arpa',                 'empty', 'RFC 6303 §4.2'],
  ['127.in-addr.arpa',               'empty', 'RFC 6303 §4.2'],
  ['254.169.in-addr.arpa',           'empty', 'RFC 6303 §4.2'],
  ['2.0.192.in-addr.arpa',           'empty', 'RFC 6303 §4.2'],
  ['100.51.198.in-addr.arpa',        'empty', 'RFC 6303 §4.2'],
  ['113.0.203.in-addr.arpa',         'empty', 'RFC 6303 §4.2'],
  ['255.255.255.255.in-addr.arpa',   'empty', 'RFC 6303 §4.2'],
  [`0.${V6_ZEROS}ip6.arpa`,          'empty', 'RFC 6303 §4.3'],
  [`1.${V6_ZEROS}ip6.arpa`,          'empty', 'RFC 6303 §4.3', [Type.PTR, 'localhost.']],
  ['d.f.ip6.arpa',                   'empty', 'RFC 6303 §4.4'],
  ...[...'89ab'].map((n): Row => [`${n}.e.f.ip6.arpa`, 'empty', 'RFC 6303 §4.5']),
  ['8.b.d.0.1.0.0.2.ip6.arpa',       'empty', 'RFC 6303 §4.6'],
];

function numbered(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

/** All built-in zones, each with the SOA and NS that RFC 6303 §3 asks for. */
export function specialUseZones(): readonly SpecialUseZone[] {
  return [...NAMED, ...REVERSE].map(zoneOfRow);
}

const TYPE_OF_ACTION: Readonly<Record<Action, LocalZoneType>> = {
  empty: 'static',
  nodata: 'always_nodata',
  spread: 'redirect',
  pass: 'static',
};

function zoneOfRow([text, action, because, ...own]: Row): SpecialUseZone {
  const zone = nameFromText(text);
  const records = [
    record(zone, Type.SOA, soaRdata(zone)),
    record(zone, Type.NS, zone),
    ...own.map(([type, value]) =>
      record(zone, type, type === Type.PTR ? nameFromText(value) : addressToOctets(value)!),
    ),
  ];
  if (text === '127.in-addr.arpa') {
    records.push(record(nameFromText('1.0.0.127.in-addr.arpa'), Type.PTR, nameFromText('localhost.')));
  }
  return { zone, type: TYPE_OF_ACTION[action], records, because, yieldsToAnyRoute: action === 'pass' };
}

/** Seconds, RFC 6303 §3: also the negative TTL. */
const TTL = 10_800;

function record(name: DomainName, type: number, rdata: Octets): ResourceRecord {
  return { name, type, class: Class.IN, ttl: TTL, rdata };
}

/** RFC 6303 §3: the zone is its own primary, nobody.invalid. answers for it; serial, refresh, retry, expire, minimum. */
function soaRdata(zone: DomainName): Octets {
  return concatOctets(zone, nameFromText('nobody.invalid.'), ...[1, 3600, 1200, 604_800, TTL].map(octets32));
}
