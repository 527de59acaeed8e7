/** Aliases made from DNAME records (RFC 6672). */
import type { Alias, TooLong } from './finding.js';
import { type DomainName, replaceSuffix } from './name.js';
import { Type } from './numbers.js';
import { type RRset, targetOf } from './rrset.js';

/**
 * The CNAME a DNAME stands for at a name below its owner (RFC 6672 §3.1), with the DNAME's TTL; `too-long` when the
 * substitution does not fit a name (§2.2: YXDOMAIN); undefined when the DNAME is malformed.
 */
export function aliasFromDname(name: DomainName, dname: RRset): Alias | TooLong | undefined {
  const to = targetOf(dname.rdatas[0]!);
  if (to === undefined) return undefined;
  const target = replaceSuffix(name, dname.name, to);
  if (target === undefined) return { kind: 'too-long', dname };
  const rrset: RRset = { name, type: Type.CNAME, ttl: dname.ttl, rdatas: [target], signatures: [] };
  return { kind: 'alias', rrset, dname, target };
}
