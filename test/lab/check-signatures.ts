/**
 * Does a signature hold? Read and checked with Buffers and node:crypto alone, apart from the code that signs: canonical
 * RDATA comes from the caller, keys are rebuilt from the octets of DNSKEY records.
 */
import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { nameToText } from '../../src/dns/name.js';
import { Type } from '../../src/dns/numbers.js';
import type { Octets } from '../../src/dns/octets.js';
import type { RRset } from '../../src/dns/rrset.js';
import type { Zone } from '../../src/lab/zone.js';

/** The fields of RRSIG RDATA, RFC 4034 §3.1. */
export interface SignatureFields {
  readonly type: number;
  readonly algorithm: number;
  readonly labels: number;
  readonly originalTtl: number;
  readonly expiration: number;
  readonly inception: number;
  readonly tag: number;
  readonly signer: string;
  /** All before the signature. */
  readonly head: Buffer;
  readonly signature: Buffer;
}

export function readSignature(rdata: Octets): SignatureFields {
  const bytes = Buffer.from(rdata, 'latin1');
  let end = 18;
  while (bytes[end] !== 0) end += bytes[end]! + 1;
  end += 1;
  return {
    type: bytes.readUInt16BE(0),
    algorithm: bytes[2]!,
    labels: bytes[3]!,
    originalTtl: bytes.readUInt32BE(4),
    expiration: bytes.readUInt32BE(8),
    inception: bytes.readUInt32BE(12),
    tag: bytes.readUInt16BE(16),
    signer: nameToText(bytes.subarray(18, end).toString('latin1') as Octets),
    head: bytes.subarray(0, end),
    signature: bytes.subarray(end),
  };
}

/** The flags, algorithm and key of DNSKEY RDATA; its tag as the C code of RFC 4034 appendix B adds it up. */
export function readKey(rdata: Octets): { flags: number; algorithm: number; tag: number; key: KeyObject } {
  const bytes = Buffer.from(rdata, 'latin1');
  const algorithm = bytes[3]!;
  let sum = 0;
  for (const [i, octet] of bytes.entries()) sum += i & 1 ? octet : octet << 8;
  sum += (sum >> 16) & 0xffff;
  const key = createPublicKey({ key: jwkOf(algorithm, bytes.subarray(4)), format: 'jwk' });
  return { flags: bytes.readUInt16BE(0), algorithm, tag: sum & 0xffff, key };
}

function jwkOf(algorithm: number, field: Buffer): Record<string, string> {
  const part = (from: number, to?: number): string => field.subarray(from, to).toString('base64url');
  switch (algorithm) {
    case 8:
    case 10:
      return { kty: 'RSA', e: part(1, 1 + field[0]!), n: part(1 + field[0]!) };
    case 13:
      return { kty: 'EC', crv: 'P-256', x: part(0, 32), y: part(32) };
    case 14:
      return { kty: 'EC', crv: 'P-384', x: part(0, 48), y: part(48) };
    case 15:
      return { kty: 'OKP', crv: 'Ed25519', x: part(0) };
    case 16:
      return { kty: 'OKP', crv: 'Ed448', x: part(0) };
    default:
      throw new Error(`algorithm ${algorithm}`);
  }
}

const DIGESTS: Readonly<Record<number, string>> = { 8: 'sha256', 10: 'sha512', 13: 'sha256', 14: 'sha384' };

/** Whether the signature is by the key, over these RDATA, which are in canonical form. */
export function holds(rrset: RRset, canonical: readonly Octets[], fields: SignatureFields, key: KeyObject): boolean {
  const data = [fields.head];
  for (const rdata of canonical.map((octets) => Buffer.from(octets, 'latin1')).sort(Buffer.compare)) {
    const head = Buffer.alloc(10);
    head.writeUInt16BE(rrset.type, 0);
    head.writeUInt16BE(1, 2);
    head.writeUInt32BE(fields.originalTtl, 4);
    head.writeUInt16BE(rdata.length, 8);
    data.push(Buffer.from(rrset.name, 'latin1'), head, rdata);
  }
  const bytes = Buffer.concat(data);
  const encoded = { key, dsaEncoding: 'ieee-p1363' } as const;
  return verify(DIGESTS[fields.algorithm] ?? null, bytes, fields.algorithm >= 15 ? key : encoded, fields.signature);
}

/**
 * Whether every signature of the RRset holds under a key of the zone, and there is one. Only for RDATA whose names are
 * in lower case: they are canonical as they are.
 */
export function isSigned(zone: Zone, rrset: RRset): boolean {
  const keys = (zone.rrset(zone.apex, Type.DNSKEY)?.rdatas ?? []).map(readKey);
  return (
    rrset.signatures.length > 0 &&
    rrset.signatures.every((rdata) => {
      const fields = readSignature(rdata);
      const key = keys.find(({ tag, algorithm }) => tag === fields.tag && algorithm === fields.algorithm);
      return (
        key !== undefined && fields.signer === nameToText(zone.apex) && holds(rrset, rrset.rdatas, fields, key.key)
      );
    })
  );
}
