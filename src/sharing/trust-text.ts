/**
 * What must be the same in two instances so that one may use what the other found? What it believes, whom it asks, what
 * it drops, and for how long it keeps things. Where it keeps its own files is its own affair.
 */
import type { Config } from '../config/config.js';

export function trustText({ dnssec, zones, rootHints, upstream, cache }: Config): string {
  const { anchorState: _file, trustAnchorSignaling: _told, rootKeySentinel: _answered, ...judging } = dnssec;
  const { minTtl, maxTtl, maxNegativeTtl } = cache;
  return JSON.stringify([judging, zones, rootHints.servers, upstream.privateAddresses, minTtl, maxTtl, maxNegativeTtl]);
}
