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

/** What instances share: where it is, and the secret that what lies there is signed with. */
export interface SharedCacheConfig {
  /** May hold a password: shared-url.ts has what can be printed. */
  readonly url: string;
  readonly nodes: readonly string[];
  readonly cluster: boolean;
  readonly secret: string;
  /** PEM. */
  readonly tls: {
    readonly ca: string | undefined;
    readonly cert: string | undefined;
    readonly key: string | undefined;
  };
  /** Milliseconds. */
  readonly timeout: number;
  readonly prefix: string;
}

/** A complete configuration: every key has a value, files it names have been read. */
export type Config = DeepReadonly<Omit<ConfigFields, 'http' | 'rootHints' | 'dnssec' | 'limits' | 'cache'>> & {
  readonly http: false | HttpConfig;
  readonly rootHints: RootHints;
  readonly dnssec: DnssecConfig;
  readonly cache: DeepReadonly<Omit<ConfigFields['cache'], 'shared'>> & { readonly shared: false | SharedCacheConfig };
  readonly limits: Limits & { readonly shadow: readonly (keyof Limits)[] };
};
