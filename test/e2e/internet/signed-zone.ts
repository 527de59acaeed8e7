/** What a zone of the signed internet is: its records, who signs it and how, and what was broken on purpose. */

export type ServerName = 'root' | 'nsd' | 'bind' | 'knot';

/** IPv4, IPv6. */
export type AddressPair = readonly [ipv4: string, ipv6: string];

export type SignerName = 'ldns' | 'bind' | 'knot';

/** RSASHA256, RSASHA512, ECDSAP256SHA256, ECDSAP384SHA384, ED25519, ED448. */
export type Algorithm = 8 | 10 | 13 | 14 | 15 | 16;

/** `online`: Knot signs each reply when it is asked, with a denial made for the occasion. */
export type Denial = 'nsec' | 'nsec3' | 'opt-out' | 'online';

/** Hours from now. */
export interface Window {
  readonly from: number;
  readonly to: number;
}

export const soundWindow: Window = { from: -1, to: 14 * 24 };

export interface DsRecord {
  readonly keyTag: number;
  readonly algorithm: number;
  readonly digestType: number;
  /** Hexadecimal. */
  readonly digest: string;
}

export interface Signing {
  readonly signer: SignerName;
  readonly algorithm: Algorithm;
  readonly denial: Denial;
  readonly window?: Window;
  /** What the parent says, of all the DS records the signer's tools offer. Absent: the one with digest type 2. */
  readonly ds?: (offered: readonly DsRecord[]) => readonly DsRecord[];
  /** The signed zone, a record per line with its owner in full, as it is served. */
  readonly spoil?: (lines: readonly string[]) => readonly string[];
  /** The owner whose signatures come from a second signing, within that window. */
  readonly resigned?: { readonly owner: string; readonly window: Window };
}

/** What the questions about a zone are made of. `above`: those about the zone above ask about this one too. */
export type Content = 'furnished' | 'few' | 'delegations' | 'above';

export interface Zone {
  /** With its last dot. */
  readonly name: string;
  readonly server: ServerName;
  readonly content: Content;
  /** Master-file lines, names relative to the zone, without SOA, apex NS, delegations and their DS. */
  readonly records: string;
  readonly signing?: Signing;
}

/** "www.ldns." for www in "ldns."; the zone itself for "@". */
export function nameIn(zone: string, relative: string): string {
  if (relative === '@') return zone;
  return zone === '.' ? `${relative}.` : `${relative}.${zone}`;
}

/** The zone of the list that has the delegation of `zone`: the closest above it. */
export function parentZone(zone: Zone, zones: readonly Zone[]): Zone | undefined {
  return zones
    .filter(({ name }) => name !== zone.name && (name === '.' || zone.name.endsWith(`.${name}`)))
    .sort((a, b) => b.name.length - a.name.length)[0];
}

/** DS in master-file form, without owner. */
export function dsText({ keyTag, algorithm, digestType, digest }: DsRecord): string {
  return `DS ${keyTag} ${algorithm} ${digestType} ${digest}`;
}

/** DS records out of what a tool printed: "OWNER [TTL] [IN] DS TAG ALGORITHM DIGESTTYPE HEX". */
export function parseDs(text: string): DsRecord[] {
  return [...text.matchAll(/\sDS\s+(\d+)\s+(\d+)\s+(\d+)\s+([0-9A-Fa-f ]+)/g)].map((match) => ({
    keyTag: Number(match[1]),
    algorithm: Number(match[2]),
    digestType: Number(match[3]),
    digest: match[4]!.replaceAll(' ', ''),
  }));
}

/** YYYYMMDDHHMMSS in UTC, as ldns-signzone and dnssec-signzone take it. */
export function signingTime(hoursFromNow: number): string {
  return new Date(Date.now() + hoursFromNow * 3_600_000).toISOString().replaceAll(/[-:T]/g, '').slice(0, 14);
}
