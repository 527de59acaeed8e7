/** The second word of the header (RFC 1035 §4.1.1; AD and CD: RFC 4035 §3.1.6, §3.2.2). */
import type { Header } from '../dns/message.js';

export const HEADER_OCTETS = 12;

/** Single bits of the flag word. Opcode is `flags >>> 11 & 15`, the lower half of the response code `flags & 15`. */
export const Flag = {
  QR: 0x8000,
  AA: 0x0400,
  TC: 0x0200,
  RD: 0x0100,
  RA: 0x0080,
  AD: 0x0020,
  CD: 0x0010,
} as const;

/** The flag word of a message; of the response code the lower four bits. */
export function flagWord(header: Header): number {
  return (
    (header.qr ? Flag.QR : 0) |
    ((header.opcode & 0xf) << 11) |
    (header.aa ? Flag.AA : 0) |
    (header.tc ? Flag.TC : 0) |
    (header.rd ? Flag.RD : 0) |
    (header.ra ? Flag.RA : 0) |
    (header.ad ? Flag.AD : 0) |
    (header.cd ? Flag.CD : 0) |
    (header.rcode & 0xf)
  );
}
