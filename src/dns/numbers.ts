/**
 * The numbers of the protocol (IANA "Domain Name System (DNS) Parameters") and their mnemonics.
 * Unknown types and classes are written TYPE123 and CLASS123 (RFC 3597 §5).
 */

/** Resource record types. */
// biome-ignore format: a table reads better in rows
export const Type = {
  A: 1, NS: 2, MD: 3, MF: 4, CNAME: 5, SOA: 6, MB: 7, MG: 8, MR: 9, NULL: 10, WKS: 11, PTR: 12, HINFO: 13, MINFO: 14,
  MX: 15, TXT: 16, RP: 17, AFSDB: 18, X25: 19, ISDN: 20, RT: 21, NSAP: 22, 'NSAP-PTR': 23, SIG: 24, KEY: 25, PX: 26,
  GPOS: 27, AAAA: 28, LOC: 29, NXT: 30, EID: 31, NIMLOC: 32, SRV: 33, ATMA: 34, NAPTR: 35, KX: 36, CERT: 37, A6: 38,
  DNAME: 39, SINK: 40, OPT: 41, APL: 42, DS: 43, SSHFP: 44, IPSECKEY: 45, RRSIG: 46, NSEC: 47, DNSKEY: 48, DHCID: 49,
  NSEC3: 50, NSEC3PARAM: 51, TLSA: 52, SMIMEA: 53, HIP: 55, NINFO: 56, RKEY: 57, TALINK: 58, CDS: 59, CDNSKEY: 60,
  OPENPGPKEY: 61, CSYNC: 62, ZONEMD: 63, SVCB: 64, HTTPS: 65, DSYNC: 66, HHIT: 67, BRID: 68, SPF: 99, UINFO: 100,
  UID: 101, GID: 102, UNSPEC: 103, NID: 104, L32: 105, L64: 106, LP: 107, EUI48: 108, EUI64: 109, NXNAME: 128,
  TKEY: 249, TSIG: 250, IXFR: 251, AXFR: 252, MAILB: 253, MAILA: 254, ANY: 255, URI: 256, CAA: 257, AVC: 258, DOA: 259,
  AMTRELAY: 260, RESINFO: 261, WALLET: 262, CLA: 263, IPN: 264, TA: 32768, DLV: 32769,
} as const;

export const Class = { IN: 1, CH: 3, HS: 4, NONE: 254, ANY: 255 } as const;

export const Opcode = { QUERY: 0, IQUERY: 1, STATUS: 2, NOTIFY: 4, UPDATE: 5, DSO: 6 } as const;

/** Response codes; those above 15 need EDNS to carry their upper eight bits (RFC 6891 §6.1.3). */
// biome-ignore format: a table reads better in rows
export const Rcode = {
  NOERROR: 0, FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5, YXDOMAIN: 6, YXRRSET: 7, NXRRSET: 8,
  NOTAUTH: 9, NOTZONE: 10, DSOTYPENI: 11, BADVERS: 16, BADKEY: 17, BADTIME: 18, BADMODE: 19, BADNAME: 20, BADALG: 21,
  BADTRUNC: 22, BADCOOKIE: 23,
} as const;

/** EDNS option codes. */
// biome-ignore format: a table reads better in rows
export const EdnsCode = {
  NSID: 3, DAU: 5, DHU: 6, N3U: 7, CLIENT_SUBNET: 8, EXPIRE: 9, COOKIE: 10, TCP_KEEPALIVE: 11, PADDING: 12, CHAIN: 13,
  KEY_TAG: 14, EXTENDED_ERROR: 15, REPORT_CHANNEL: 18, ZONEVERSION: 19,
} as const;

const typeNames = new Map<number, string>(Object.entries(Type).map(([text, code]) => [code, text]));
const typeCodes = new Map<string, number>(Object.entries(Type));
typeCodes.set('*', Type.ANY);

/** A type's mnemonic, TYPEn when it has none. */
export function typeToText(type: number): string {
  return typeNames.get(type) ?? `TYPE${type}`;
}

/** A type from its mnemonic in any case or TYPEn, 0..65535; undefined when it is neither. */
export function typeFromText(text: string): number | undefined {
  const upper = text.toUpperCase();
  return typeCodes.get(upper) ?? numbered(upper, 'TYPE');
}

const classNames = new Map<number, string>(Object.entries(Class).map(([text, code]) => [code, text]));

export function classToText(value: number): string {
  return classNames.get(value) ?? `CLASS${value}`;
}

export function classFromText(text: string): number | undefined {
  const upper = text.toUpperCase();
  return (Class as Record<string, number>)[upper] ?? numbered(upper, 'CLASS');
}

function numbered(text: string, prefix: string): number | undefined {
  if (!text.startsWith(prefix) || !/^\d{1,5}$/.test(text.slice(prefix.length))) return undefined;
  const value = Number(text.slice(prefix.length));
  return value <= 0xffff ? value : undefined;
}

const rcodeNames = new Map<number, string>(Object.entries(Rcode).map(([text, code]) => [code, text]));

export function rcodeToText(rcode: number): string {
  return rcodeNames.get(rcode) ?? `RCODE${rcode}`;
}

const opcodeNames = new Map<number, string>(Object.entries(Opcode).map(([text, code]) => [code, text]));

export function opcodeToText(opcode: number): string {
  return opcodeNames.get(opcode) ?? `OPCODE${opcode}`;
}

/** Types that only exist in questions or for the transport of a message and are never cached (RFC 6895 §3.1). */
export function isMetaType(type: number): boolean {
  return type === Type.OPT || type === 0 || (type >= 128 && type <= 255);
}
