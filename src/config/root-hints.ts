/** Where does resolution start? The names and addresses of the root servers (RFC 1034 §5.3.1), for priming (RFC 9609). */
import { addressFromRdata } from '../dns/address.js';
import { type DomainName, nameFromText, ROOT } from '../dns/name.js';
import { Class, Type } from '../dns/numbers.js';
import { type ResourceRecord, targetOf } from '../dns/rrset.js';
import { parseMasterFile } from '../presentation/master-file.js';

export interface RootHints {
  /** At least one, each with at least one address. */
  readonly servers: readonly { readonly name: DomainName; readonly addresses: readonly string[] }[];
}

/** Letter, IPv4, IPv6 of {letter}.root-servers.net, as IANA lists them in April 2026. */
const ROOT_SERVERS: readonly (readonly [letter: string, ipv4: string, ipv6: string])[] = [
  ['a', '198.41.0.4', '2001:503:ba3e::2:30'],
  ['b', '170.247.170.2', '2801:1b8:10::b'],
  ['c', '192.33.4.12', '2001:500:2::c'],
  ['d', '199.7.91.13', '2001:500:2d::d'],
  ['e', '192.203.230.10', '2001:500:a8::e'],
  ['f', '192.5.5.241', '2001:500:2f::f'],
  ['g', '192.112.36.4', '2001:500:12::d0d'],
  ['h', '198.97.190.53', '2001:500:1::53'],
  ['i', '192.36.148.17', '2001:7fe::53'],
  ['j', '192.58.128.30', '2001:503:c27::2:30'],
  ['k', '193.0.14.129', '2001:7fd::1'],
  ['l', '199.7.83.42', '2001:500:9f::42'],
  ['m', '202.12.27.33', '2001:dc3::35'],
];

/** The thirteen root servers of the Internet. */
export function builtInRootHints(): RootHints {
  const servers = ROOT_SERVERS.map(([letter, ...addresses]) => ({
    name: nameFromText(`${letter}.root-servers.net.`),
    addresses,
  }));
  return { servers };
}

type RootHintsOutcome =
  | { readonly ok: true; readonly hints: RootHints }
  | { readonly ok: false; readonly problems: readonly string[] };

/**
 * Root hints from master-file text; `file` names it in problems. NS records of names other than the root, and servers
 * without an address, are passed over; a file that leaves no server is a problem.
 */
export function rootHintsFrom(text: string, file: string): RootHintsOutcome {
  const { records, problems } = parseMasterFile(text, { origin: ROOT, file });
  if (problems.length > 0) {
    return { ok: false, problems: problems.map(({ line, message }) => `${file}:${line}: ${message}`) };
  }
  const names = rootServerNames(records);
  if (names.size === 0) return { ok: false, problems: [`${file}: no NS record of the root ("." in the first column)`] };
  const addresses = addressesByName(records);
  const servers = [...names].flatMap((name) => {
    const own = addresses.get(name);
    return own === undefined ? [] : [{ name, addresses: [...own] }];
  });
  if (servers.length > 0) return { ok: true, hints: { servers } };
  return { ok: false, problems: [`${file}: none of its root servers has an A or AAAA record`] };
}

function rootServerNames(records: readonly ResourceRecord[]): Set<DomainName> {
  const names = new Set<DomainName>();
  for (const record of records) {
    if (record.class !== Class.IN || record.type !== Type.NS || record.name !== ROOT) continue;
    const target = targetOf(record.rdata);
    if (target !== undefined) names.add(target);
  }
  return names;
}

function addressesByName(records: readonly ResourceRecord[]): Map<DomainName, Set<string>> {
  const byName = new Map<DomainName, Set<string>>();
  for (const { name, type, class: klass, rdata } of records) {
    if (klass !== Class.IN || (type !== Type.A && type !== Type.AAAA)) continue;
    const address = addressFromRdata(rdata);
    if (address === undefined) continue;
    const own = byName.get(name) ?? new Set();
    byName.set(name, own.add(address));
  }
  return byName;
}
