/** What does the rest of rootwalk get to see of a configuration? Plain, checked, deeply read-only data. */
import type { ServerAddress } from '../dns/address.js';
import type { Limits } from './limits.js';
import type { RootHints } from './root-hints.js';
import type { ConfigFields } from './schema.js';
import type { TrustAnchor } from './trust-anchors.js';

type DeepReadonly<T> = T extends string | number | boolean | null | undefined
  ? T
  : { readonly [K in keyof T]: DeepReadonly<T[K]> };

/** The HTTP endpoint; without a token it listens on loopback only. */
export interface HttpConfig {
  readonly listen: ServerAddress;
  readonly token: string | undefined;
}

export type DnssecConfig = DeepReadonly<Omit<ConfigFields['dnssec'], 'trustAnchors'>> & {
  readonly trustAnchors: readonly TrustAnchor[];
  readonly trustAnchorSource: 'built-in' | 'config';
};

/** A complete configuration: every key has a value, files it names have been read. */
export type Config = DeepReadonly<Omit<ConfigFields, 'http' | 'rootHints' | 'dnssec' | 'limits'>> & {
  readonly http: false | HttpConfig;
  readonly rootHints: RootHints;
  readonly dnssec: DnssecConfig;
  readonly limits: Limits & { readonly shadow: readonly (keyof Limits)[] };
};
