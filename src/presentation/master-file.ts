/**
 * Master files (zone files), RFC 1035 §5: text in, records and problems out, never an exception.
 *
 * `$ORIGIN`, `$TTL` (RFC 2308 §4) and BIND's `$GENERATE` are followed; `$INCLUDE` is refused, since whoever hands over
 * a text did not hand over the disk. A line that cannot be read is a problem and the next line is read all the same.
 */
import { type DomainName, nameFromWire, ROOT } from '../dns/name.js';
import { Class, Type } from '../dns/numbers.js';
import type { Octets } from '../dns/octets.js';
import { type ResourceRecord, soaOf } from '../dns/rrset.js';
import { type Entry, EntryScanner } from './entry-scanner.js';
import { wireOfToken } from './fields/name-fields.js';
import { expandGenerate } from './generate.js';
import { PresentationError } from './presentation-error.js';
import { rdataFromTokens } from './rdata-text.js';
import { readHead } from './record-head.js';
import { FALLBACK_TTL } from './record-text.js';
import { ttlFromText } from './ttl.js';

export interface MasterFileOptions {
  /** Completes relative names until `$ORIGIN` says otherwise; the root unless given. */
  readonly origin?: DomainName;
  /** Seconds, as though the text began with `$TTL`. */
  readonly defaultTtl?: number;
  /** Put before every message, with the line. */
  readonly file?: string;
}

export interface MasterFileProblem {
  /** From 1; where the entry begins. */
  readonly line: number;
  readonly message: string;
}

export interface MasterFile {
  /** In the order of the text, duplicates included. */
  readonly records: readonly ResourceRecord[];
  /** In the order of the text, at most MAX_PROBLEMS. */
  readonly problems: readonly MasterFileProblem[];
}

/** Enough to repair a file, few enough to read. */
const MAX_PROBLEMS = 100;

/** Records all `$GENERATE` of a text may make together: 16 times what one may, so a small text cannot fill the memory. */
const MAX_GENERATED = 1 << 20;
const GENERATED_TOO_MANY = `the $GENERATE lines make more than ${MAX_GENERATED} records together`;

/**
 * All records of a master file and all its mistakes. A record without a TTL takes `$TTL` or `defaultTtl`; else the TTL
 * stated last (RFC 1035 §5.1); else, for an SOA, its own minimum, as BIND does; else 3600 s.
 */
export function parseMasterFile(text: string, options: MasterFileOptions = {}): MasterFile {
  return new MasterFileReader(options).read(text);
}

class MasterFileReader {
  readonly #records: ResourceRecord[] = [];
  readonly #problems: MasterFileProblem[] = [];
  readonly #file: string | undefined;
  #origin: Octets;
  #ttl: number | undefined;
  #lastTtl: number | undefined;
  #class: number = Class.IN;
  /** The owner of the entry before; undefined at first, and after an owner that could not be read. */
  #owner: DomainName | undefined;
  #ownerToken = '';
  #generated = 0;

  constructor(options: MasterFileOptions) {
    this.#origin = options.origin ?? ROOT;
    this.#ttl = options.defaultTtl;
    this.#file = options.file;
  }

  read(text: string): MasterFile {
    const scanner = new EntryScanner(text);
    for (let entry = scanner.next(); entry !== undefined; entry = scanner.next()) {
      try {
        this.#entry(entry);
      } catch (error) {
        if (!(error instanceof PresentationError)) throw error;
        this.#problem(entry.line, error.reason);
      }
    }
    return { records: this.#records, problems: this.#problems };
  }

  #problem(line: number, reason: string): void {
    if (this.#problems.length >= MAX_PROBLEMS) return;
    const isLast = this.#problems.length === MAX_PROBLEMS - 1;
    const text = isLast ? `${reason} (the last of ${MAX_PROBLEMS} problems listed; there may be more)` : reason;
    this.#problems.push({ line, message: this.#file === undefined ? text : `${this.#file}:${line}: ${text}` });
  }

  #entry(entry: Entry): void {
    const { tokens } = entry;
    if (entry.problem !== undefined) {
      if (!entry.ownerOmitted) this.#owner = undefined;
      throw new PresentationError(entry.problem);
    }
    if (entry.ownerOmitted) {
      if (this.#owner === undefined) throw new PresentationError('no record before it has an owner that it could take');
      this.#record(this.#owner, tokens, 0);
    } else if (tokens[0]!.startsWith('$')) {
      this.#directive(tokens);
    } else {
      this.#record(this.#ownerOf(tokens[0]!), tokens, 1);
    }
  }

  #ownerOf(token: string): DomainName {
    if (token === this.#ownerToken && this.#owner !== undefined) return this.#owner;
    this.#owner = undefined;
    const owner = nameFromWire(wireOfToken(token, this.#origin));
    this.#ownerToken = token;
    this.#owner = owner;
    return owner;
  }

  #record(name: DomainName, tokens: readonly string[], headAt: number): void {
    const head = readHead(tokens, headAt);
    // RFC 1035 §5.1: omitted class and TTL are those stated last; kept even when the RDATA turns out bad.
    if (head.class !== undefined) this.#class = head.class;
    if (head.ttl !== undefined) this.#lastTtl = head.ttl;
    const rdata = rdataFromTokens(head.type, tokens, this.#origin, head.rdataAt);
    const ttl = head.ttl ?? this.#ttl ?? this.#lastTtl ?? this.#ttlOfFirst(head.type, rdata);
    this.#records.push({ name, type: head.type, class: this.#class, ttl, rdata });
  }

  /** The TTL of a record before which none was stated; it counts as stated when it comes from an SOA. */
  #ttlOfFirst(type: number, rdata: Octets): number {
    if (type === Type.SOA) this.#lastTtl = soaOf(rdata)?.minimum;
    return this.#lastTtl ?? FALLBACK_TTL;
  }

  #directive(tokens: readonly string[]): void {
    const [directive = '', argument, extra] = tokens;
    switch (directive.toUpperCase()) {
      case '$ORIGIN':
        if (argument === undefined || extra !== undefined) throw new PresentationError('$ORIGIN takes one domain name');
        this.#origin = wireOfToken(argument, this.#origin);
        this.#ownerToken = '';
        return;
      case '$TTL':
        if (argument === undefined || extra !== undefined) throw new PresentationError('$TTL takes one time');
        this.#ttl = ttlFromText(argument);
        return;
      case '$INCLUDE':
        throw new PresentationError(`$INCLUDE is not followed: put the contents of ${argument ?? 'that file'} here`);
      case '$GENERATE':
        for (const generated of expandGenerate(tokens)) {
          if (++this.#generated > MAX_GENERATED) throw new PresentationError(GENERATED_TOO_MANY);
          this.#record(this.#ownerOf(generated[0]!), generated, 1);
        }
        return;
      default:
        throw new PresentationError(
          `${directive} is not $ORIGIN, $TTL or $GENERATE; a name with a dollar is written \\$`,
        );
    }
  }
}
