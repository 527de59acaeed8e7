/** What do the parameters of a /cache, /why or /local request ask for? Text in, filter out; a mistake names the parameter. */
import { type DomainName, NameError, nameFromText } from '../dns/name.js';
import { Type, typeFromText } from '../dns/numbers.js';
import type { Security } from '../dns/security.js';
import { ENTRY_ORDERS, type ListRequest } from '../ports/cache-inspection.js';
import { type CacheFilter, ENTRY_KINDS, type EntryKind } from '../ports/inspection.js';
import { nearest } from './nearest.js';
import { HttpProblem } from './problem.js';

/** Entries listed unless the caller says otherwise, and at most: 10 000 are some 5 MB of JSON. */
const DEFAULT_LIMIT = 100;
export const MAX_LIMIT = 10_000;

const FILTERS = ['name', 'suffix', 'type', 'kind', 'security', 'negative'] as const;
const LIST_PARAMETERS = [...FILTERS, 'limit', 'sort', 'reverse'];
const FLUSH_PARAMETERS = [...FILTERS, 'all', 'dryRun'];
const DUMP_PARAMETERS = [...FILTERS, 'format'];

const SECURITIES = ['secure', 'insecure', 'bogus', 'indeterminate', 'unchecked'] as const satisfies Security['kind'][];

/** Every field of every entry as JSON, one a line; or what a zone file can say, for people and other programs. */
export const DUMP_FORMATS = ['jsonl', 'zone'] as const;
export type DumpFormat = (typeof DUMP_FORMATS)[number];

/** A query string as fastify parses it: a parameter given twice is an array. */
export type QueryParameters = Readonly<Record<string, string | readonly string[] | undefined>>;

/** The parameters of GET /cache. Throws HttpProblem 400. */
export function parseListRequest(query: QueryParameters): ListRequest {
  refuseUnknown(query, LIST_PARAMETERS);
  const [limit, sort] = [single(query, 'limit'), single(query, 'sort')];
  return {
    filter: parseFilter(query),
    limit: limit === undefined ? DEFAULT_LIMIT : parseLimit(limit),
    sort: sort === undefined ? undefined : oneOf(ENTRY_ORDERS, 'sort', sort, 'an order', 'orders'),
    reverse: parseFlag(query, 'reverse'),
  };
}

export interface FlushRequest {
  readonly filter: CacheFilter;
  readonly dryRun: boolean;
}

/** The parameters of DELETE /cache. Throws HttpProblem 400, also when neither a filter nor `all=true` is there. */
export function parseFlushRequest(query: QueryParameters): FlushRequest {
  refuseUnknown(query, FLUSH_PARAMETERS);
  const filter = parseFilter(query);
  const all = parseFlag(query, 'all');
  if (!all && Object.keys(filter).length === 0) {
    throw new HttpProblem(
      400,
      'no filter was given',
      'name what to remove (name, suffix, type, kind, security, negative) or add ?all=true',
    );
  }
  return { filter, dryRun: parseFlag(query, 'dryRun') };
}

/** Of DELETE /cache/{name}: whether nothing is to be removed after all. Throws HttpProblem 400. */
export function parseDryRun(query: QueryParameters): boolean {
  refuseUnknown(query, ['dryRun']);
  return parseFlag(query, 'dryRun');
}

/** The parameters of GET /cache/dump. Throws HttpProblem 400. */
export function parseDumpRequest(query: QueryParameters): { filter: CacheFilter; format: DumpFormat } {
  refuseUnknown(query, DUMP_PARAMETERS);
  const format = single(query, 'format') ?? 'jsonl';
  return { filter: parseFilter(query), format: oneOf(DUMP_FORMATS, 'format', format, 'a format', 'formats') };
}

/** The parameters of GET /local. Throws HttpProblem 400. */
export function parseLocalList(query: QueryParameters): { suffix: DomainName | undefined; limit: number } {
  refuseUnknown(query, ['suffix', 'limit']);
  const suffix = single(query, 'suffix');
  const limit = single(query, 'limit');
  return {
    suffix: suffix === undefined ? undefined : parseName('suffix', suffix),
    limit: limit === undefined ? DEFAULT_LIMIT : parseLimit(limit),
  };
}

/** The parameters of PUT /local: `data` for each record, at least one. Throws HttpProblem 400. */
export function parseLocalRecords(query: QueryParameters): { data: readonly string[]; ttl: string | undefined } {
  refuseUnknown(query, ['data', 'ttl']);
  const { data } = query;
  if (data === undefined) {
    throw new HttpProblem(
      400,
      'nothing says what to set',
      'add ?data=192.0.2.7, once for each record, and perhaps &ttl=60',
    );
  }
  return { data: typeof data === 'string' ? [data] : data, ttl: single(query, 'ttl') };
}

/** No parameters at all are known to routes that name their entry in the path. Throws HttpProblem 400. */
export function refuseParameters(query: QueryParameters): void {
  refuseUnknown(query, []);
}

/** Whether GET /why may ask the network: `resolve=true`. Throws HttpProblem 400. */
export function parseResolve(query: QueryParameters): boolean {
  refuseUnknown(query, ['resolve']);
  const text = single(query, 'resolve');
  if (text === undefined || text === 'true' || text === 'false') return text === 'true';
  throw new HttpProblem(
    400,
    `parameter resolve: "${text}" is not "true" or "false"`,
    'write resolve=true or leave it out',
  );
}

/** A name in presentation form; a missing final dot is added and "@" is the root. Throws HttpProblem 400. */
export function parseName(parameter: string, text: string): DomainName {
  try {
    return nameFromText(text);
  } catch (error) {
    if (!(error instanceof NameError)) throw error;
    throw new HttpProblem(
      400,
      `parameter ${parameter}: ${error.message}`,
      'write a name as in a zone file, like www.example.org, percent-encoded; @ is the root',
    );
  }
}

/** A type by mnemonic or TYPEn. Throws HttpProblem 400. */
export function parseType(parameter: string, text: string): number {
  const type = typeFromText(text);
  if (type !== undefined) return type;
  throw new HttpProblem(400, `parameter ${parameter}: "${text}" is not a record type`, typeHint(text));
}

/** What to write instead of a text that is no type. */
export function typeHint(text: string): string {
  const meant = nearest(text, Object.keys(Type));
  return `${meant === undefined ? '' : `did you mean ${meant}? `}types are mnemonics like AAAA, or TYPE65280`;
}

/** What to write instead of a text that is no kind of cache entry. */
export function kindHint(text: string): string {
  return wordHint(text, ENTRY_KINDS, 'kinds');
}

export function isEntryKind(text: string): text is EntryKind {
  return (ENTRY_KINDS as readonly string[]).includes(text);
}

function parseFilter(query: QueryParameters): CacheFilter {
  const [name, suffix, type, kind, security] = FILTERS.map((parameter) => single(query, parameter));
  return {
    ...(name === undefined ? {} : { name: parseName('name', name) }),
    ...(suffix === undefined ? {} : { suffix: parseName('suffix', suffix) }),
    ...(type === undefined ? {} : { type: parseType('type', type) }),
    ...(kind === undefined ? {} : { kind: parseKind(kind) }),
    ...(security === undefined ? {} : { security: oneOf(SECURITIES, 'security', security, 'a verdict', 'verdicts') }),
    ...(parseFlag(query, 'negative') ? { negative: true as const } : {}),
  };
}

function parseKind(text: string): EntryKind {
  if (isEntryKind(text)) return text;
  throw new HttpProblem(400, `parameter kind: "${text}" is not a kind of cache entry`, kindHint(text));
}

/** `what` and `many`: the words for one and for all of them. */
function oneOf<T extends string>(words: readonly T[], parameter: string, text: string, what: string, many: string): T {
  const word = words.find((known) => known === text);
  if (word !== undefined) return word;
  throw new HttpProblem(400, `parameter ${parameter}: "${text}" is not ${what}`, wordHint(text, words, many));
}

/** What to write instead of a text that is none of the words. @param many what they are, "orders" */
export function wordHint(text: string, words: readonly string[], many: string): string {
  const meant = nearest(text, words);
  return `${meant === undefined ? '' : `did you mean ${meant}? `}${many} are ${words.join(', ')}`;
}

/** Left out is false; "false" is refused, since whoever writes `all=false` has something else in mind. */
function parseFlag(query: QueryParameters, parameter: string): boolean {
  const text = single(query, parameter);
  if (text === undefined || text === 'true') return text === 'true';
  throw new HttpProblem(
    400,
    `parameter ${parameter}: "${text}" is not "true"`,
    `write ${parameter}=true or leave it out`,
  );
}

function parseLimit(text: string): number {
  const limit = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= MAX_LIMIT) return limit;
  throw new HttpProblem(400, `parameter limit: "${text}" is not a number from 1 to ${MAX_LIMIT}`, 'narrow the filter');
}

function single(query: QueryParameters, parameter: string): string | undefined {
  const value = query[parameter];
  if (value === undefined || typeof value === 'string') return value;
  throw new HttpProblem(400, `parameter ${parameter} is given ${value.length} times`, 'give it once');
}

function refuseUnknown(query: QueryParameters, known: readonly string[]): void {
  const unknown = Object.keys(query).find((parameter) => !known.includes(parameter));
  if (unknown === undefined) return;
  const hint = known.length === 0 ? 'this address takes no parameters' : `known are ${known.join(', ')}`;
  throw new HttpProblem(400, `there is no parameter "${unknown}"`, hint);
}
