/** What is wrong between values that are each right by themselves? Of sections with mistakes what is left is looked at. */
import type { ServerAddress } from '../dns/address.js';
import { PrefixSet } from '../dns/address.js';
import { type DomainName, isAtOrBelow, nameToText } from '../dns/name.js';
import { Class, classToText, Type } from '../dns/numbers.js';
import type { ResourceRecord } from '../dns/rrset.js';
import type { Complain } from './referenced-files.js';
import type { ConfigFields } from './schema.js';
import { SECRET_HINT } from './shared-url.js';

/** Complains about contradictions, repetitions and what cannot work. */
export function crossCheck(fields: Partial<ConfigFields>, complain: Complain): void {
  if (fields.listen) checkListen(fields.listen, fields.http, complain);
  if (fields.http) checkHttp(fields.http, complain);
  if (fields.upstream) checkUpstream(fields.upstream, complain);
  if (fields.zones) checkZones(fields.zones, complain);
  if (fields.cache) checkCache(fields.cache, complain);
  if (fields.limits) checkLimits(fields.limits, complain);
  if (fields.dnssec) checkRepeated(fields.dnssec.negativeTrustAnchors, ['dnssec', 'negativeTrustAnchors'], complain);
  if (fields.local) checkLocalZones(fields.local.zones, complain);
}

function checkListen(
  listen: readonly ServerAddress[],
  http: ConfigFields['http'] | undefined,
  complain: Complain,
): void {
  const seen = new Set<string>();
  for (const [index, { key, port }] of listen.entries()) {
    if (port !== 0 && seen.has(key)) complain(['listen', index], `${key} is listened on twice: keep one of them`);
    seen.add(key);
  }
  if (http && http.listen.port !== 0 && seen.has(http.listen.key)) {
    complain(['http', 'listen'], `${http.listen.key} is taken by DNS over TCP (listen): use another port`);
  }
}

const LOOPBACK = new PrefixSet(['127.0.0.0/8', '::1/128']);

/** The endpoint flushes the cache and tells who asked what: not for everyone (CVE-2026-33256 and its kin). */
function checkHttp(http: Exclude<ConfigFields['http'], false>, complain: Complain): void {
  if (LOOPBACK.has(http.listen.address) || http.token !== undefined || http.tokenFile !== undefined) return;
  const wayOut = 'set http.token or http.tokenFile, or listen on 127.0.0.1';
  complain(['http', 'listen'], `${http.listen.key} can be reached by others and there is no token: ${wayOut}`, [
    ['http', 'token'],
    ['http', 'tokenFile'],
  ]);
}

function checkUpstream(upstream: ConfigFields['upstream'], complain: Complain): void {
  if (upstream.ipv4 || upstream.ipv6 !== false) return;
  complain(['upstream', 'ipv6'], 'ipv4 and ipv6 are both false: nobody could be asked, set one of them to true', [
    ['upstream', 'ipv4'],
  ]);
}

function checkZones(zones: ConfigFields['zones'], complain: Complain): void {
  checkRepeated(zones, ['zones'], complain);
  for (const [index, { name, type, servers }] of zones.entries()) {
    const path = ['zones', index, 'servers'];
    if (type === 'stub' && servers.length === 0)
      complain(path, `the stub zone ${nameToText(name)} needs servers`, [path]);
    const seen = new Set<string>();
    for (const [at, { key }] of servers.entries()) {
      if (seen.has(key)) complain([...path, at], `${key} is listed twice for ${nameToText(name)}`);
      seen.add(key);
    }
  }
}

function checkCache({ minTtl, maxTtl, persistence, shared }: ConfigFields['cache'], complain: Complain): void {
  if (shared) checkShared(shared, complain);
  if (persistence && persistence.snapshotInterval === false && persistence.journal === 'off') {
    const path = ['cache', 'persistence', 'journal'];
    complain(path, 'neither snapshots nor a journal: nothing would be kept, set one of them or persistence: false', [
      ['cache', 'persistence', 'snapshotInterval'],
    ]);
  }
  if (minTtl <= maxTtl) return;
  complain(['cache', 'minTtl'], `minTtl ${minTtl} is above maxTtl ${maxTtl}: lower one or raise the other`, [
    ['cache', 'maxTtl'],
  ]);
}

/** Who can write to the store must not be able to forge answers: there is no sharing without a secret. */
function checkShared(shared: Exclude<ConfigFields['cache']['shared'], false>, complain: Complain): void {
  const at = (...keys: (string | number)[]): (string | number)[] => ['cache', 'shared', ...keys];
  const { secret, secretFile, cluster, nodes, tls } = shared;
  if (secret === undefined && secretFile === undefined) {
    const given = [at('secret'), at('secretFile')];
    complain(at(), `what instances share must be signed: set secret or secretFile; ${SECRET_HINT}`, given);
  }
  const { protocol } = new URL(shared.url);
  if (cluster && protocol === 'memcached:') complain(at('cluster'), 'memcached has no clusters: write cluster: false');
  if (nodes.length > 0 && !cluster) complain(at('nodes'), 'nodes are those of a cluster: add cluster: true');
  for (const [index, node] of nodes.entries()) {
    if (new URL(node).protocol !== protocol) complain(at('nodes', index), `must begin with ${protocol}// as url does`);
  }
  if (tls === undefined) return;
  if (protocol !== 'rediss:') complain(at('tls'), 'tls is for addresses that begin with rediss://', [at('url')]);
  if ((tls.cert === undefined) !== (tls.key === undefined)) complain(at('tls'), 'cert and key are needed together');
}

const RISING: readonly (readonly [keyof ConfigFields['limits'], keyof ConfigFields['limits']])[] = [
  ['minTimeout', 'firstTimeout'],
  ['firstTimeout', 'maxTimeout'],
  ['failureTtl', 'failureTtlMax'],
  ['tcpClientsPerAddress', 'tcpClients'],
];

function checkLimits(limits: ConfigFields['limits'], complain: Complain): void {
  for (const [lower, upper] of RISING) {
    if (Number(limits[lower]) <= Number(limits[upper])) continue;
    complain(['limits', lower], `${lower} ${limits[lower]} is above ${upper} ${limits[upper]}`, [['limits', upper]]);
  }
}

function checkRepeated(
  entries: readonly { readonly name: DomainName }[],
  path: readonly string[],
  complain: Complain,
): void {
  const seen = new Set<DomainName>();
  for (const [index, { name }] of entries.entries()) {
    if (seen.has(name)) complain([...path, index], `${nameToText(name)} stands twice in ${path.join('.')}: keep one`);
    seen.add(name);
  }
}

function checkLocalZones(zones: ConfigFields['local']['zones'], complain: Complain): void {
  checkRepeated(zones, ['local', 'zones'], complain);
  for (const [index, zone] of zones.entries()) {
    const aliases = ownersOfAliases(zone.records);
    for (const [at, record] of zone.records.entries()) {
      const problem = recordProblem(record, zone, aliases);
      if (problem !== undefined) complain(['local', 'zones', index, 'records', at], problem);
    }
  }
}

function recordProblem(
  record: ResourceRecord,
  zone: ConfigFields['local']['zones'][number],
  aliases: ReadonlyMap<DomainName, ResourceRecord>,
): string | undefined {
  const owner = nameToText(record.name);
  const apex = nameToText(zone.name);
  if (record.class !== Class.IN)
    return `${owner} is of class ${classToText(record.class)}: local zones are of class IN`;
  if (!isAtOrBelow(record.name, zone.name)) return `${owner} is not in the zone ${apex}: write the whole name`;
  if (zone.type === 'redirect' && record.name !== zone.name) {
    return `${owner} is below ${apex}: a redirect zone answers every name with the records of ${apex} itself`;
  }
  // RFC 2181 §10.1: an alias is the only thing at its name.
  const alias = aliases.get(record.name);
  if (alias !== undefined && alias !== record) return `${owner} has a CNAME and can have no other record`;
  return undefined;
}

function ownersOfAliases(records: readonly ResourceRecord[]): Map<DomainName, ResourceRecord> {
  const owners = new Map<DomainName, ResourceRecord>();
  for (const record of records) {
    if (record.type === Type.CNAME && !owners.has(record.name)) owners.set(record.name, record);
  }
  return owners;
}
