/**
 * Traces as lists of uses: each names an object (a cache entry to be) and a time. DNS traces become real entries with
 * real keys; block and web traces become entries of one size, for policies counted by entries.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { bodyOctets, drawCost, drawRecords, drawTtl } from './draws.mjs';

/** Questions a second where a trace has no times. */
const ASSUMED_RATE = 50;

export const DNS_TRACES = ['oarc-queryfile-first-100k.tsv.gz', 'wrccdc-2018-03-24.tsv.gz', 'm57-2009-11-18.tsv.gz'];
export const BLOCK_TRACES = ['arc-OLTP.lis.zst', 'cache2k__web07.trace.xz', 'cache2k__web12.trace.xz'];

/** The octets of a trace; undefined, and told why, when it is not there or nothing here can unpack it. */
export function readTrace(folder, file, skip) {
  const path = join(folder, file);
  if (!existsSync(path)) return skip(file, 'the file is not there');
  if (file.endsWith('.gz')) return gunzipSync(readFileSync(path));
  const tool = file.endsWith('.zst') ? 'zstd' : file.endsWith('.xz') ? 'xz' : undefined;
  if (tool === undefined) return readFileSync(path);
  try {
    return execFileSync(tool, ['-dc', path], { maxBuffer: 2 ** 30, stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    return skip(file, error.code === 'ENOENT' ? `${tool} is not installed` : `${tool} failed: ${error.message}`);
  }
}

/**
 * A DNS trace: lines of name and type, or a Zeek log (#ts client server name type rcode ttls answers). Questions without
 * a usable answer in a Zeek log are left out and counted.
 */
export function dnsTrace(file, octets, seed, dns) {
  const text = octets.toString('latin1');
  const isZeek = text.startsWith('#ts');
  const objects = new Map();
  const uses = [];
  let left = 0;
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const row = isZeek ? zeekRow(line) : { at: uses.length / ASSUMED_RATE, ...nameAndType(line) };
    const object = row === undefined ? undefined : objectFor(objects, row, seed, dns);
    if (object === undefined) left++;
    else uses.push({ at: Math.max(row.at, uses.at(-1)?.at ?? 0), object });
  }
  const start = uses[0]?.at ?? 0;
  for (const use of uses) use.at -= start;
  return { name: basename(file).split('.')[0], uses, objects: [...objects.values()], left };
}

function nameAndType(line) {
  const [name, type] = line.split(/\s+/);
  return { name, type, ttls: undefined };
}

function zeekRow(line) {
  const [at, , , name, type, rcode, ttls] = line.split('\t');
  if (rcode !== 'NOERROR' && rcode !== 'NXDOMAIN') return undefined;
  return { at: Number(at), name, type, ttls: ttls === '-' || !ttls ? [] : ttls.split(',').map(Number) };
}

/** One object for each question. TTLs in a log are counted down by another cache: the longest seen is the TTL. */
function objectFor(objects, { name, type: typeText, ttls }, seed, dns) {
  const question = `${name} ${typeText}`.toLowerCase();
  let object = objects.get(question);
  if (object === undefined) {
    const type = dns.typeFromText(typeText ?? '');
    const owner = type === undefined ? undefined : dns.nameOrUndefined(name);
    if (owner === undefined) return undefined;
    object = newObject(question, owner, type, ttls, seed, dns);
    objects.set(question, object);
  }
  if (ttls?.length > 0) object.ttl = Math.max(object.ttl, 1, Math.min(...ttls));
  return object;
}

function newObject(question, owner, type, ttls, seed, dns) {
  const domain = question.split(' ')[0].replace(/\.$/, '').split('.').slice(-2).join('.');
  const cost = drawCost(seed, domain);
  const records = ttls?.length ?? drawRecords(seed, question);
  const made = dns.entryOf({ owner, type, question, cost, octets: bodyOctets(seed, domain, type, records) });
  return { ...made, ms: cost.ms, ttl: ttls?.length > 0 ? 1 : drawTtl(seed, question) };
}

/** Block and web traces: `.lis` has "start count 0 n" lines, each for so many blocks; `.trace` four octets a use. */
export function blockTrace(file, octets, dns) {
  const objects = new Map();
  const uses = [];
  const use = (id) => {
    let object = objects.get(id);
    if (object === undefined) {
      object = { ...dns.blockOf(id), ms: 1, ttl: Number.POSITIVE_INFINITY };
      objects.set(id, object);
    }
    uses.push({ at: 0, object });
  };
  if (file.includes('.lis')) {
    for (const line of octets.toString('latin1').split('\n')) {
      const [start, count] = line.split(' ').map(Number);
      for (let i = 0; i < (count || 0); i++) use(start + i);
    }
  } else for (let at = 0; at + 4 <= octets.length; at += 4) use(octets.readUInt32BE(at));
  return { name: basename(file).split('.')[0], uses, objects: [...objects.values()], left: 0 };
}

/** A DNS trace with every entry of one size, for figures counted by entries. */
export function inEntries(trace, dns) {
  const uniform = new Map(trace.objects.map((object, id) => [object, { ...object, ...dns.blockOf(id) }]));
  const uses = trace.uses.map(({ at, object }) => ({ at, object: uniform.get(object) }));
  return { ...trace, uses, objects: [...uniform.values()] };
}
