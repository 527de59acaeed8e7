/**
 * The fields of every record type that has a presentation format: the one place to add a type.
 * Field names are those of the defining RFC. A type that is absent is read and shown as RFC 3597 §5 `\#` only.
 */
import { Type } from '../dns/numbers.js';
import { atma, eui48, eui64, ipv4, ipv6, locator64, nsap } from './fields/address-fields.js';
import { base64, dashBase64, hash32, hex, optionalBase64, salt } from './fields/blob-fields.js';
import type { FieldCodec } from './fields/field-codec.js';
import { amtRelay, ipsecKey } from './fields/gateway.js';
import { location } from './fields/location.js';
import { name } from './fields/name-fields.js';
import {
  algorithm,
  certificateType,
  dsyncScheme,
  rrType,
  signatureTime,
  ttl,
  u8,
  u16,
  u32,
} from './fields/number-fields.js';
import { prefixList } from './fields/prefix-list.js';
import { a6, hip, wellKnownServices } from './fields/rarities.js';
import { characterString, characterStrings, longText, optionalCharacterString, tag } from './fields/string-fields.js';
import { svcParams } from './fields/svc-params.js';
import { typeBitmap } from './fields/type-bitmap.js';

export interface RdataField {
  /** The JSON key; SPREAD when the field gives several keys of its own. */
  readonly name: string;
  readonly codec: FieldCodec;
}

/** Name of a field whose JSON is an object that stands for the whole record. */
export const SPREAD = '';

type Layout = Readonly<Record<string, FieldCodec>>;

const TEXT: Layout = { strings: characterStrings };
const SIGNATURE: Layout = {
  typeCovered: rrType,
  algorithm,
  labels: u8,
  originalTtl: ttl,
  expiration: signatureTime,
  inception: signatureTime,
  keyTag: u16,
  signerName: name,
  signature: base64,
};
const KEY: Layout = { flags: u16, protocol: u8, algorithm, publicKey: base64 };
const DIGEST: Layout = { keyTag: u16, algorithm, digestType: u8, digest: hex };
const CERTIFICATE: Layout = { usage: u8, selector: u8, matchingType: u8, data: hex };
const SERVICE: Layout = { priority: u16, target: name, params: svcParams };

// biome-ignore format: a table reads better in rows
const LAYOUTS: readonly (readonly [number, Layout])[] = [
  // RFC 1035 §3.3, §3.4
  [Type.A, { address: ipv4 }],
  [Type.NS, { nsdname: name }],
  [Type.MD, { madname: name }],
  [Type.MF, { madname: name }],
  [Type.CNAME, { cname: name }],
  [Type.SOA, { mname: name, rname: name, serial: u32, refresh: ttl, retry: ttl, expire: ttl, minimum: ttl }],
  [Type.MB, { madname: name }],
  [Type.MG, { mgmname: name }],
  [Type.MR, { newname: name }],
  [Type.WKS, { [SPREAD]: wellKnownServices }],
  [Type.PTR, { ptrdname: name }],
  [Type.HINFO, { cpu: characterString, os: characterString }],
  [Type.MINFO, { rmailbx: name, emailbx: name }],
  [Type.MX, { preference: u16, exchange: name }],
  [Type.TXT, TEXT],
  // RFC 1183
  [Type.RP, { mbox: name, txt: name }],
  [Type.AFSDB, { subtype: u16, hostname: name }],
  [Type.X25, { psdnAddress: characterString }],
  [Type.ISDN, { isdnAddress: characterString, subaddress: optionalCharacterString }],
  [Type.RT, { preference: u16, intermediateHost: name }],
  [Type.NSAP, { address: nsap }], // RFC 1706
  [Type['NSAP-PTR'], { ptrdname: name }], // RFC 1348
  [Type.SIG, SIGNATURE], // RFC 2535
  [Type.KEY, KEY], // RFC 2535
  [Type.PX, { preference: u16, map822: name, mapx400: name }], // RFC 2163
  [Type.GPOS, { longitude: characterString, latitude: characterString, altitude: characterString }], // RFC 1712
  [Type.AAAA, { address: ipv6 }], // RFC 3596
  [Type.LOC, { [SPREAD]: location }], // RFC 1876
  [Type.EID, { endpointIdentifier: hex }], // draft-ietf-nimrod-dns
  [Type.NIMLOC, { locator: hex }],
  [Type.SRV, { priority: u16, weight: u16, port: u16, target: name }], // RFC 2782
  [Type.ATMA, { address: atma }], // ATM Forum af-dans-0152
  [Type.NAPTR, {
    order: u16, preference: u16, flags: characterString, services: characterString, regexp: characterString,
    replacement: name,
  }], // RFC 3403
  [Type.KX, { preference: u16, exchanger: name }], // RFC 2230
  [Type.CERT, { certificateType, keyTag: u16, algorithm, certificate: base64 }], // RFC 4398
  [Type.A6, { [SPREAD]: a6 }], // RFC 2874
  [Type.DNAME, { target: name }], // RFC 6672
  [Type.SINK, { coding: u8, subcoding: u8, data: optionalBase64 }], // draft-eastlake-kitchen-sink-02
  [Type.APL, { prefixes: prefixList }], // RFC 3123
  [Type.DS, DIGEST], // RFC 4034 §5
  [Type.SSHFP, { algorithm: u8, fingerprintType: u8, fingerprint: hex }], // RFC 4255
  [Type.IPSECKEY, { [SPREAD]: ipsecKey }],
  [Type.RRSIG, SIGNATURE], // RFC 4034 §3
  [Type.NSEC, { nextDomainName: name, types: typeBitmap }], // RFC 4034 §4
  [Type.DNSKEY, KEY], // RFC 4034 §2
  [Type.DHCID, { data: base64 }], // RFC 4701
  // RFC 5155
  [Type.NSEC3, {
    hashAlgorithm: u8, flags: u8, iterations: u16, salt, nextHashedOwnerName: hash32, types: typeBitmap,
  }],
  [Type.NSEC3PARAM, { hashAlgorithm: u8, flags: u8, iterations: u16, salt }],
  [Type.TLSA, CERTIFICATE], // RFC 6698
  [Type.SMIMEA, CERTIFICATE], // RFC 8162
  [Type.HIP, { [SPREAD]: hip }],
  [Type.NINFO, TEXT],
  [Type.RKEY, KEY],
  [Type.TALINK, { previous: name, next: name }],
  [Type.CDS, DIGEST], // RFC 7344
  [Type.CDNSKEY, KEY],
  [Type.OPENPGPKEY, { publicKey: base64 }], // RFC 7929
  [Type.CSYNC, { serial: u32, flags: u16, types: typeBitmap }], // RFC 7477
  [Type.ZONEMD, { serial: u32, scheme: u8, hashAlgorithm: u8, digest: hex }], // RFC 8976
  [Type.SVCB, SERVICE], // RFC 9460
  [Type.HTTPS, SERVICE],
  [Type.DSYNC, { type: rrType, scheme: dsyncScheme, port: u16, target: name }], // RFC 9859
  [Type.HHIT, { data: base64 }], // RFC 9886
  [Type.BRID, { data: base64 }],
  [Type.SPF, TEXT], // RFC 7208 §3.1
  // RFC 6742
  [Type.NID, { preference: u16, nodeId: locator64 }],
  [Type.L32, { preference: u16, locator: ipv4 }],
  [Type.L64, { preference: u16, locator: locator64 }],
  [Type.LP, { preference: u16, fqdn: name }],
  [Type.EUI48, { address: eui48 }], // RFC 7043
  [Type.EUI64, { address: eui64 }],
  [Type.URI, { priority: u16, weight: u16, target: longText }], // RFC 7553
  [Type.CAA, { flags: u8, tag, value: longText }], // RFC 8659
  [Type.AVC, TEXT],
  [Type.DOA, { enterprise: u32, type: u32, location: u8, mediaType: characterString, data: dashBase64 }],
  [Type.AMTRELAY, { [SPREAD]: amtRelay }],
  [Type.RESINFO, TEXT], // RFC 9606
  [Type.WALLET, TEXT],
  [Type.CLA, TEXT],
  [Type.TA, DIGEST],
  [Type.DLV, DIGEST], // RFC 4431
];

const fieldsByType = new Map<number, readonly RdataField[]>(
  LAYOUTS.map(([type, layout]) => [type, Object.entries(layout).map(([name, codec]) => ({ name, codec }))]),
);

/** The fields of a type in the order they stand in RDATA; undefined when it has no presentation format here. */
export function fieldsOf(type: number): readonly RdataField[] | undefined {
  return fieldsByType.get(type);
}
