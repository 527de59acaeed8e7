/** EDNS (RFC 6891 §6): the OPT pseudo-record to and from a value, and Extended DNS Errors (RFC 8914) in its options. */
import type { ExtendedError } from '../dns/extended-error.js';
import type { Edns, EdnsOption } from '../dns/message.js';
import { EdnsCode } from '../dns/numbers.js';
import { bytesOf, concatOctets, type Octets, octets16, octetsOf, uint16At } from '../dns/octets.js';
import { WireError } from './wire-error.js';

/** Options beyond are left unread: 65535 octets hold 16,383 empty ones (CVE-2026-41292). */
const MAX_OPTIONS = 100;

/** Owner, type, class, TTL and RDLENGTH of OPT. */
const OPT_FIXED_OCTETS = 11;

/** DO, RFC 3225 §3: the highest of the flags in the lower half of the TTL. */
const DNSSEC_OK = 0x8000;
/** CO, RFC 9824 §5.1: the one below it. */
const COMPACT_OK = 0x4000;

/** What an OPT record says, from its class, TTL and RDATA between two offsets. Throws WireError when an option's length lies. */
export function decodeEdns(bytes: Buffer, udpSize: number, ttl: number, at: number, end: number): Edns {
  return {
    version: (ttl >>> 16) & 0xff,
    udpSize,
    dnssecOk: (ttl & DNSSEC_OK) !== 0,
    options: at === end ? NO_OPTIONS : decodeOptions(bytes, at, end),
    ...((ttl & COMPACT_OK) !== 0 && { compactOk: true }),
  };
}

const NO_OPTIONS: readonly EdnsOption[] = Object.freeze([]);

function decodeOptions(bytes: Buffer, at: number, end: number): EdnsOption[] {
  const options: EdnsOption[] = [];
  for (let pos = at; pos < end && options.length < MAX_OPTIONS; ) {
    if (pos + 4 > end) throw new WireError('an EDNS option is cut short', pos);
    const start = pos + 4;
    const stop = start + ((bytes[pos + 2]! << 8) | bytes[pos + 3]!);
    if (stop > end) throw new WireError('an EDNS option runs past the end of its OPT record', pos);
    options.push({ code: (bytes[pos]! << 8) | bytes[pos + 1]!, data: bytes.latin1Slice(start, stop) as Octets });
    pos = stop;
  }
  return options;
}

/** The octets an OPT record with the first `count` options takes. */
export function ednsOctets(edns: Edns, count: number): number {
  let size = OPT_FIXED_OCTETS;
  for (let i = 0; i < count; i++) size += 4 + edns.options[i]!.data.length;
  return size;
}

/** The TTL field of OPT (RFC 6891 §6.1.3): the upper eight bits of the response code, the version, the flags. */
export function ednsTtl(edns: Edns, rcode: number): number {
  const flags = (edns.dnssecOk ? DNSSEC_OK : 0) | (edns.compactOk ? COMPACT_OK : 0);
  return (((rcode >>> 4) << 24) | (edns.version << 16) | flags) >>> 0;
}

/**
 * EXTRA-TEXT of one error, in octets. A reply of 512 octets has room for it beside the longest question (271 with the
 * header), OPT (11), a full COOKIE option (44) and its own head (6): an explanation does not truncate an answer.
 */
export const MAX_EXTRA_TEXT_OCTETS = 180;

/** An error as an EDNS option (RFC 8914 §2); text beyond MAX_EXTRA_TEXT_OCTETS is cut between characters. */
export function extendedErrorOption(error: ExtendedError): EdnsOption {
  return { code: EdnsCode.EXTENDED_ERROR, data: concatOctets(octets16(error.code), cappedUtf8(error.text)) };
}

function cappedUtf8(text: string): Octets {
  // A UTF-16 unit makes at least one octet of UTF-8, so a longer text need not be encoded whole.
  const bytes = Buffer.from(text.slice(0, MAX_EXTRA_TEXT_OCTETS + 1), 'utf8');
  if (bytes.length <= MAX_EXTRA_TEXT_OCTETS) return octetsOf(bytes);
  let end = MAX_EXTRA_TEXT_OCTETS;
  while ((bytes[end]! & 0xc0) === 0x80) end--;
  return octetsOf(bytes, 0, end);
}

/** The extended errors a message carries, in order. Options too short for a code are passed over, text is capped. */
export function extendedErrorsOf(edns: Edns | undefined): ExtendedError[] {
  const errors: ExtendedError[] = [];
  for (const { code, data } of edns?.options ?? []) {
    if (code !== EdnsCode.EXTENDED_ERROR || data.length < 2) continue;
    errors.push({ code: uint16At(data, 0), text: extraText(data) });
  }
  return errors;
}

/** Some servers end the text with a zero octet; RFC 8914 §2 has readers cope. */
function extraText(data: Octets): string {
  const bytes = bytesOf(data.slice(2, 2 + MAX_EXTRA_TEXT_OCTETS) as Octets);
  return bytes.toString('utf8').replace(/\0+$/, '');
}
