/** What does a file of a kept cache say of itself? Its first frame, which alone has no salt, since it brings that. */
import { PORTABLE_VERSION } from '../portable.js';
import { FRAME_HEAD, frameOf, scanFrame } from './frame.js';

export interface FileHeader {
  readonly role: 'snapshot' | 'journal';
  /** Of a journal its place in the row; of a snapshot the journal that began with it, which is to be read after it. */
  readonly sequence: number;
  /** Milliseconds since 1970. */
  readonly madeAt: number;
  /** 32 bits, see frame.ts. */
  readonly salt: number;
  /** What the entries were believed under, see fingerprintOf: 64 hexadecimal digits. */
  readonly fingerprint: string;
}

const MAGIC = 'rootwalk cache\n';
const PAYLOAD = MAGIC.length + 1 + 2 + 6 + 6 + 4 + 32;
/** Octets of the header with its frame. */
export const HEADER_OCTETS = FRAME_HEAD + PAYLOAD;

export function headerFrame(header: FileHeader): Buffer {
  const payload = Buffer.alloc(PAYLOAD);
  let at = payload.write(MAGIC, 'latin1');
  at = payload.writeUInt8(header.role === 'snapshot' ? 0x73 : 0x6a, at);
  at = payload.writeUInt16BE(PORTABLE_VERSION, at);
  at = payload.writeUIntBE(header.sequence, at, 6);
  at = payload.writeUIntBE(header.madeAt, at, 6);
  at = payload.writeUInt32BE(header.salt, at);
  payload.write(header.fingerprint, at, 'hex');
  return frameOf('header', payload, 0);
}

export type HeaderOutcome =
  | { readonly kind: 'header'; readonly header: FileHeader }
  /** Not all of it was written: whoever began it came no further. */
  | { readonly kind: 'cut-off' }
  /** Sound, and of another version of the program: nothing of it can be read. */
  | { readonly kind: 'other-version'; readonly version: number }
  | { readonly kind: 'foreign' };

/** The header of a file from its first octets, all of them when it has fewer than HEADER_OCTETS. */
export function headerFrom(start: Buffer): HeaderOutcome {
  const scanned = scanFrame(start, 0, start.length, 0);
  if (scanned.kind === 'short') return { kind: start.length < HEADER_OCTETS ? 'cut-off' : 'foreign' };
  if (scanned.kind === 'damage' || scanned.frame !== 'header') return { kind: 'foreign' };
  const { payload } = scanned;
  let at = MAGIC.length;
  if (payload.length < at + 3 || payload.latin1Slice(0, at) !== MAGIC) return { kind: 'foreign' };
  const version = payload.readUInt16BE(at + 1);
  if (version !== PORTABLE_VERSION) return { kind: 'other-version', version };
  if (payload.length !== PAYLOAD) return { kind: 'foreign' };
  const role = payload.readUInt8(at) === 0x73 ? 'snapshot' : 'journal';
  at += 3;
  return {
    kind: 'header',
    header: {
      role,
      sequence: payload.readUIntBE(at, 6),
      madeAt: payload.readUIntBE(at + 6, 6),
      salt: payload.readUInt32BE(at + 12),
      fingerprint: payload.toString('hex', at + 16, at + 48),
    },
  };
}
