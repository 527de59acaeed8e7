/** Messages as values (RFC 1035 §4, RFC 6891). The OPT record is lifted out of the additional section into `edns`. */
import type { DomainName } from './name.js';
import type { Octets } from './octets.js';
import type { ResourceRecord } from './rrset.js';

export interface Question {
  readonly name: DomainName;
  readonly type: number;
  readonly class: number;
}

/** The header of a message, its counts apart. `rcode` includes the upper bits of EDNS, 0..4095. */
export interface Header {
  readonly id: number;
  readonly opcode: number;
  readonly rcode: number;
  /** Query (false) or response (true). */
  readonly qr: boolean;
  readonly aa: boolean;
  readonly tc: boolean;
  readonly rd: boolean;
  readonly ra: boolean;
  readonly ad: boolean;
  readonly cd: boolean;
}

export interface EdnsOption {
  readonly code: number;
  readonly data: Octets;
}

/** The OPT pseudo-record, RFC 6891 §6.1. */
export interface Edns {
  readonly version: number;
  /** The sender's UDP payload size, octets as written; below 512 means 512 (RFC 6891 §6.2.3). */
  readonly udpSize: number;
  /** DO, RFC 3225. */
  readonly dnssecOk: boolean;
  /** CO: NXDOMAIN with a compact denial is understood (RFC 9824 §5.1). Absent when not set. */
  readonly compactOk?: boolean;
  /** At most 100 are kept: a message with thousands would cost more than it is worth. */
  readonly options: readonly EdnsOption[];
}

export interface Message extends Header {
  readonly questions: readonly Question[];
  readonly answer: readonly ResourceRecord[];
  readonly authority: readonly ResourceRecord[];
  /** Without OPT. */
  readonly additional: readonly ResourceRecord[];
  readonly edns: Edns | undefined;
}

/** One string for a question's name and type, class IN: a Map key. */
export function questionKey(name: DomainName, type: number): string {
  return String.fromCharCode(type >>> 8, type & 0xff) + name;
}
