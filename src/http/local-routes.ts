/**
 * Records of local zones, seen and changed: the routes below /local. Whoever may change them decides what names mean
 * here, so changing wants the token as everything does that is not a GET. The data of records comes as parameters: no
 * route of this endpoint takes a body.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type DomainName, nameToText, ROOT } from '../dns/name.js';
import { isMetaType, Type, typeToText } from '../dns/numbers.js';
import { groupRecords, type ResourceRecord, type RRset } from '../dns/rrset.js';
import type { Inspection } from '../ports/inspection.js';
import type { LocalOutcome, LocalRecords, LocalRecordView } from '../ports/local-records.js';
import { PresentationError } from '../presentation/presentation-error.js';
import { rdataToText } from '../presentation/rdata-text.js';
import { recordFromText } from '../presentation/record-text.js';
import { ttlFromText } from '../presentation/ttl.js';
import {
  parseLocalList,
  parseLocalRecords,
  parseName,
  parseType,
  type QueryParameters,
  refuseParameters,
} from './cache-parameters.js';
import { HttpProblem } from './problem.js';

/** Seconds, for records set without a TTL: what is changed at run time may soon be changed again. */
const DEFAULT_TTL = 300;

export interface LocalRecordBody {
  /** Presentation form, absolute. */
  readonly name: string;
  readonly type: string;
  /** Seconds. */
  readonly ttl: number;
  /** RDATA in presentation form. */
  readonly data: readonly string[];
  /** null: no zone decides, the records answer for their own name. */
  readonly zone: string | null;
  readonly zoneType: string | null;
  readonly source: LocalRecordView['source'];
  /** Why what was set has no effect. */
  readonly unused: string | null;
}

export interface LocalListBody {
  readonly count: number;
  readonly more: boolean;
  /** Where changes outlive the process; null: nowhere. */
  readonly file: string | null;
  readonly records: readonly LocalRecordBody[];
}

export interface LocalChangeBody {
  readonly name: string;
  readonly type: string;
  /** Cache entries that went with it. */
  readonly flushed: number;
  readonly file: string | null;
}

export function addLocalRoutes(app: FastifyInstance, { local }: Inspection): void {
  app.get('/local', async (request) => listBody(local, queryOf(request)));
  app.get('/local/:name/:type', async (request) => {
    refuseParameters(queryOf(request));
    return oneBody(local, targetOf(request));
  });
  app.put('/local/:name/:type', async (request) => {
    const target = targetOf(request);
    const { data, ttl } = parseLocalRecords(queryOf(request));
    return changeBody(local, target, local.set(rrsetFrom(target, data, ttl)));
  });
  app.delete('/local/:name/:type', async (request) => {
    refuseParameters(queryOf(request));
    const target = targetOf(request);
    return changeBody(local, target, local.remove(target.name, target.type));
  });
}

interface Target {
  readonly name: DomainName;
  readonly type: number;
}

function queryOf(request: FastifyRequest): QueryParameters {
  return request.query as QueryParameters;
}

function targetOf(request: FastifyRequest): Target {
  const { name, type } = request.params as { name: string; type: string };
  return { name: parseName('name', name), type: parseType('type', type) };
}

function listBody(local: LocalRecords, query: QueryParameters): LocalListBody {
  const { suffix, limit } = parseLocalList(query);
  const records: LocalRecordBody[] = [];
  let more = false;
  for (const view of local.list(suffix ?? ROOT)) {
    more = records.length === limit;
    if (more) break;
    records.push(recordBody(view));
  }
  return { count: records.length, more, file: local.where ?? null, records };
}

function oneBody(local: LocalRecords, { name, type }: Target): LocalRecordBody {
  const view = local.at(name, type);
  if (view === undefined) throw absent({ name, type });
  return recordBody(view);
}

function recordBody({ rrset, zone, source, unused }: LocalRecordView): LocalRecordBody {
  return {
    name: nameToText(rrset.name),
    type: typeToText(rrset.type),
    ttl: rrset.ttl,
    data: rrset.rdatas.map((rdata) => rdataToText(rrset.type, rdata)),
    zone: zone === undefined ? null : nameToText(zone.name),
    zoneType: zone?.type ?? null,
    source,
    unused: unused ?? null,
  };
}

/** Waits for the file: a change that would not outlive the process is not told as done when there is one. */
async function changeBody(local: LocalRecords, target: Target, outcome: LocalOutcome): Promise<LocalChangeBody> {
  switch (outcome.kind) {
    case 'absent':
      throw absent(target);
    case 'refused':
      throw new HttpProblem(409, outcome.because, 'GET /local lists what there is, and the zones it is in');
    case 'done':
      break;
    default:
      outcome satisfies never;
  }
  const trouble = await local.kept();
  if (trouble !== undefined) {
    throw new HttpProblem(
      500,
      `it is changed and answers from now on, but it is not kept in ${local.where}: ${trouble}`,
      'mend the file (local.file) and change it again: the file is written whole',
    );
  }
  const { name, type } = target;
  return { name: nameToText(name), type: typeToText(type), flushed: await outcome.flushed, file: local.where ?? null };
}

function absent({ name, type }: Target): HttpProblem {
  return new HttpProblem(
    404,
    `there is no local record ${nameToText(name)} ${typeToText(type)}`,
    'GET /local?suffix=NAME lists what is at or below a name',
  );
}

/** Throws HttpProblem 400 for what is no RRset to answer with. */
function rrsetFrom({ name, type }: Target, data: readonly string[], ttlText: string | undefined): RRset {
  if (isMetaType(type) || type === Type.RRSIG) {
    throw new HttpProblem(400, `${typeToText(type)} is no type of local record`, 'write a type like A, CNAME or TXT');
  }
  const head = `${nameToText(name)} ${ttlText === undefined ? DEFAULT_TTL : ttlFrom(ttlText)} IN ${typeToText(type)}`;
  const [rrset] = groupRecords(data.map((text) => recordFrom(head, text)));
  if (type === Type.CNAME && rrset!.rdatas.length > 1) {
    throw new HttpProblem(400, 'an alias has one target (RFC 2181 §10.1)', 'give data once');
  }
  return rrset!;
}

function ttlFrom(text: string): number {
  try {
    return ttlFromText(text);
  } catch (error) {
    if (!(error instanceof PresentationError)) throw error;
    throw new HttpProblem(400, `parameter ttl: ${error.message}`, 'write seconds, such as ttl=300');
  }
}

function recordFrom(head: string, text: string): ResourceRecord {
  try {
    return recordFromText(`${head} ${text}`);
  } catch (error) {
    if (!(error instanceof PresentationError)) throw error;
    throw new HttpProblem(400, `parameter data: ${error.message}`, 'write it as in a zone file, percent-encoded');
  }
}
