/**
 * HOT. What does this message say? Octets to a Message (RFC 1035 §4, RFC 6891), or WireError.
 *
 * Refused: counts that promise more than there is, names and RDATA that cannot be right, a second OPT or one in the
 * wrong place. Not judged here: whether the message makes sense (number of questions, opcode, meta types in answers).
 *
 * Octets behind the last record are passed over, as Unbound and BIND do: the counts say where the message ends, nothing
 * is read from what follows, and a server that pads its replies would otherwise be unreachable.
 */
import type { Edns, Message, Question } from '../dns/message.js';
import { ROOT } from '../dns/name.js';
import { Type } from '../dns/numbers.js';
import type { ResourceRecord } from '../dns/rrset.js';
import { decodeEdns } from './edns.js';
import { Flag } from './header.js';
import { NameReader } from './names.js';
import { readRdata } from './read-rdata.js';
import { asBuffer, Reader } from './reader.js';
import { WireError } from './wire-error.js';

/** Decodes one message. Throws WireError, and nothing else, when the octets are none. */
export function decodeMessage(bytes: Uint8Array): Message {
  return new MessageDecoder(asBuffer(bytes)).message();
}

const NO_RECORDS: readonly ResourceRecord[] = Object.freeze([]);

/** Octets of a record between its owner and its RDATA: type, class, TTL, RDLENGTH. */
const FIXED_OCTETS = 10;

class MessageDecoder {
  readonly #reader: Reader;
  readonly #names: NameReader;
  #edns: Edns | undefined = undefined;
  #upperRcode = 0;

  constructor(bytes: Buffer) {
    this.#reader = new Reader(bytes);
    this.#names = new NameReader(bytes);
  }

  message(): Message {
    const reader = this.#reader;
    const id = reader.uint16();
    const flags = reader.uint16();
    const questionCount = reader.uint16();
    const answerCount = reader.uint16();
    const authorityCount = reader.uint16();
    const additionalCount = reader.uint16();
    const questions = this.#questions(questionCount);
    const answer = this.#records(answerCount, false);
    const authority = this.#records(authorityCount, false);
    const additional = this.#records(additionalCount, true);
    return {
      id,
      opcode: (flags >>> 11) & 0xf,
      rcode: this.#upperRcode | (flags & 0xf),
      qr: (flags & Flag.QR) !== 0,
      aa: (flags & Flag.AA) !== 0,
      tc: (flags & Flag.TC) !== 0,
      rd: (flags & Flag.RD) !== 0,
      ra: (flags & Flag.RA) !== 0,
      ad: (flags & Flag.AD) !== 0,
      cd: (flags & Flag.CD) !== 0,
      questions,
      answer,
      authority,
      additional,
      edns: this.#edns,
    };
  }

  /** Every question takes five octets or more, so a count that lies ends at the end of the message. */
  #questions(count: number): Question[] {
    const questions: Question[] = [];
    const reader = this.#reader;
    for (let i = 0; i < count; i++) {
      const name = this.#names.owner(reader.at, reader.bytes.length);
      reader.at = this.#names.end;
      questions.push({ name, type: reader.uint16(), class: reader.uint16() });
    }
    return questions;
  }

  #records(count: number, optAllowed: boolean): readonly ResourceRecord[] {
    if (count === 0) return NO_RECORDS;
    const records: ResourceRecord[] = [];
    for (let i = 0; i < count; i++) {
      const record = this.#record(optAllowed);
      if (record !== undefined) records.push(record);
    }
    return records;
  }

  /** The next record; undefined when it was OPT. */
  #record(optAllowed: boolean): ResourceRecord | undefined {
    const reader = this.#reader;
    const start = reader.at;
    const name = this.#names.owner(start, reader.bytes.length);
    reader.at = this.#names.end;
    reader.span(FIXED_OCTETS);
    const type = reader.uint16();
    const klass = reader.uint16();
    const ttl = reader.uint32();
    const length = reader.uint16();
    const at = reader.at;
    const end = reader.span(length);
    reader.at = end;
    if (type !== Type.OPT) {
      const rdata = readRdata(reader.bytes, this.#names, { type, class: klass, at, end });
      return { name, type, class: klass, ttl, rdata };
    }
    if (!optAllowed) throw new WireError('OPT stands outside the additional section', start);
    if (name !== ROOT) throw new WireError('OPT has an owner other than the root', start);
    // RFC 6891 §6.1.1: more than one is a format error.
    if (this.#edns !== undefined) throw new WireError('there is more than one OPT', start);
    this.#edns = decodeEdns(reader.bytes, klass, ttl, at, end);
    this.#upperRcode = (ttl >>> 24) << 4;
    return undefined;
  }
}
