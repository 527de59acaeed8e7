/** How does a cache entry look to programs and people? Values of the resolver in, plain JSON out. */
import { type ExtendedError, extendedErrorName } from '../dns/extended-error.js';
import { nameToText } from '../dns/name.js';
import { classToText, Type, typeToText } from '../dns/numbers.js';
import { credibilityName } from '../dns/provenance.js';
import type { ResourceRecord } from '../dns/rrset.js';
import type { CacheEntryView } from '../ports/inspection.js';
import { rdataToFields } from '../presentation/rdata-fields.js';
import { rdataToText } from '../presentation/rdata-text.js';
import { recordToText } from '../presentation/record-text.js';

/** Texts of RDATA in a line of a listing; the rest is counted. */
const MAX_SUMMARY_DATA = 8;

export interface EntrySummary {
  readonly kind: CacheEntryView['kind'];
  /** Presentation form, absolute. */
  readonly name: string;
  /** null: the entry stands for every type. */
  readonly type: string | null;
  /** Seconds, never negative: what is expired is not shown. */
  readonly ttlLeft: number;
  readonly ttlOriginal: number;
  readonly security: CacheEntryView['security'];
  readonly credibility: string;
  /** The server that said it; "" for local data. */
  readonly server: string;
  /** ISO 8601, UTC. */
  readonly storedAt: string;
  readonly hits: number;
  readonly bytes: number;
  /** Milliseconds that fetching it took. */
  readonly costMs: number;
  /** Records held, signatures and proofs included. */
  readonly records: number;
  /** The data in words: RDATA of the type asked for, name servers of a delegation, reasons of a failure. At most 8. */
  readonly data: readonly string[];
}

/** One line of a listing. */
export function entrySummary(entry: CacheEntryView): EntrySummary {
  const { kind, ttlLeft, ttlOriginal, security, hits, bytes, provenance } = entry;
  return {
    kind,
    name: nameToText(entry.name),
    type: typeOf(entry),
    ttlLeft,
    ttlOriginal,
    security,
    // A failure is nobody's word that could be believed more or less.
    credibility: kind === 'failure' ? '-' : credibilityName(provenance.credibility),
    server: provenance.server,
    storedAt: new Date(entry.storedAt).toISOString(),
    hits,
    bytes,
    costMs: provenance.costMs,
    records: entry.records.length,
    data: summaryData(entry),
  };
}

export interface EntryDetail extends Omit<EntrySummary, 'records' | 'data' | 'credibility' | 'server' | 'costMs'> {
  readonly records: readonly RecordView[];
  readonly provenance: {
    readonly server: string;
    readonly transport: string;
    readonly section: string;
    readonly credibility: string;
    readonly askedFor: string;
    readonly costMs: number;
    readonly costExchanges: number;
    readonly shared?: true;
  };
  readonly because: readonly ReasonView[];
}

export interface RecordView {
  readonly name: string;
  readonly type: string;
  readonly class: string;
  readonly ttl: number;
  /** The whole record as a line of a zone file. */
  readonly text: string;
  /** The RDATA taken apart; names and meaning depend on the type. */
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface ReasonView {
  readonly code: number;
  readonly name: string;
  readonly text: string;
}

/** Everything known of one entry. */
export function entryDetail(entry: CacheEntryView): EntryDetail {
  const { records: _count, data: _data, credibility, server: _server, costMs: _cost, ...common } = entrySummary(entry);
  return {
    ...common,
    records: entry.records.map(recordView),
    provenance: { ...entry.provenance, credibility },
    because: entry.because.map(reasonView),
  };
}

/** An extended error with its name. */
export function reasonView({ code, text }: ExtendedError): ReasonView {
  return { code, name: extendedErrorName(code), text };
}

/** A record taken apart. */
export function recordView(record: ResourceRecord): RecordView {
  return {
    name: nameToText(record.name),
    type: typeToText(record.type),
    class: classToText(record.class),
    ttl: record.ttl,
    text: recordToText(record),
    fields: rdataToFields(record.type, record.rdata),
  };
}

function typeOf(entry: CacheEntryView): string | null {
  return entry.type === 0 ? null : typeToText(entry.type);
}

function summaryData(entry: CacheEntryView): string[] {
  if (entry.because.length > 0) return entry.because.slice(0, MAX_SUMMARY_DATA).map(({ text }) => text);
  const data: string[] = [];
  for (const record of entry.records) {
    if (data.length === MAX_SUMMARY_DATA) break;
    if (isTelling(entry, record)) data.push(rdataToText(record.type, record.rdata));
  }
  return data;
}

function isTelling(entry: CacheEntryView, record: ResourceRecord): boolean {
  switch (entry.kind) {
    case 'rrset':
    case 'denial':
      return record.type !== Type.RRSIG || entry.type === Type.RRSIG;
    case 'delegation':
      return record.type === Type.NS;
    case 'nodata':
    case 'nxdomain':
      return record.type === Type.SOA;
    case 'failure':
      return false;
    default:
      return entry.kind satisfies never;
  }
}
