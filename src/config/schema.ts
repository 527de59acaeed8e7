/**
 * Which keys may a configuration have, with which values and defaults? This is the whole list; load-config.ts reads a
 * file against it, cross-checks.ts looks at what several keys say together, json-schema.ts shows it to editors.
 */
import { z } from 'zod';
import { Type } from '../dns/numbers.js';
import {
  instantField,
  listenField,
  nameField,
  prefixField,
  recordField,
  runAsField,
  serverField,
  sizeField,
  textField,
  typeField,
  whole,
} from './fields.js';
import { LIMIT_NAMES, LIMITS, type LimitName } from './limits.js';
import { defaultFor } from './not-yet.js';
import { checkSecret, checkSharedUrl } from './shared-url.js';
import { trustAnchorFromText } from './trust-anchors.js';

/** RFC 2181 §8 */
const MAX_TTL = 2 ** 31 - 1;

const LOOPBACK = ['127.0.0.0/8', '::1/128'];

/** `false`, or a section of keys. */
function orFalse<T extends z.ZodType>(section: T) {
  return z.union([z.literal(false), section]);
}

function path() {
  return textField((text): string => {
    if (text === '') throw new RangeError('is empty: write a path');
    return text;
  });
}

/** 64 bits even if they are hexadecimal digits: too many to be tried over a network. */
const LEAST_TOKEN_CHARACTERS = 16;

/** `token` itself. Throws RangeError when it is too short or could not stand in an HTTP header. */
export function checkToken(token: string): string {
  if (token.length >= LEAST_TOKEN_CHARACTERS && /^[\x21-\x7e]+$/.test(token)) return token;
  throw new RangeError(
    `the token must have at least ${LEAST_TOKEN_CHARACTERS} printable characters without spaces, such as "openssl rand -hex 16" makes`,
  );
}

const http = orFalse(
  z.strictObject({
    listen: listenField().prefault('127.0.0.1:8053'),
    token: textField(checkToken).optional(),
    tokenFile: path().optional(),
  }),
).prefault({});

const access = z
  .strictObject({
    allow: z.array(prefixField()).prefault(LOOPBACK),
    snoop: z.array(prefixField()).prefault(LOOPBACK),
    /** Whose NOTIFY flushes a zone (RFC 1996). */
    notify: z.array(prefixField()).default([]),
  })
  .prefault({});

const rateLimit = orFalse(
  z.strictObject({
    queriesPerSecond: whole(1, 1_000_000).default(100),
    burst: whole(1, 1_000_000).default(200),
    /** Every n-th refused query is answered with TC instead of dropped; 0: none. */
    slip: whole(0, 100).default(2),
    ipv4Prefix: whole(8, 32).default(32),
    ipv6Prefix: whole(16, 128).default(56),
  }),
).default(defaultFor('rateLimit', false));

const upstream = z
  .strictObject({
    port: whole(1, 65_535).default(53),
    ipv4: z.boolean().default(true),
    ipv6: z.union([z.boolean(), z.literal('auto')]).default(true),
    qnameMinimisation: z.enum(['off', 'relaxed', 'strict']).default('relaxed'),
    caseRandomisation: z.boolean().default(true),
    cookies: z.boolean().default(true),
    /** RFC 6891 §6.2.3: not below 512. */
    ednsBufferSize: whole(512, 65_535).default(1232),
    doNotQuery: z.array(prefixField()).default([]),
    allowLoopback: z.boolean().default(false),
    privateAddresses: z.array(prefixField()).default([]),
  })
  .prefault({});

const zones = z
  .array(
    z.strictObject({
      name: nameField(),
      type: z.enum(['forward', 'stub']),
      servers: z.array(serverField()).default([]),
      fallback: z.boolean().default(false),
    }),
  )
  .default([]);

const anchorSource = z.union([textField(trustAnchorFromText), z.strictObject({ file: path() })]);

const negativeTrustAnchor = z.union([
  nameField().transform((name) => ({ name, until: null, reason: '' })),
  z.strictObject({
    name: nameField(),
    until: instantField().nullable().default(null),
    reason: z.string().default(''),
  }),
]);

const dnssec = z
  .strictObject({
    mode: z.enum(['validate', 'permissive', 'off']).default(defaultFor('dnssec.mode', 'validate')),
    /** DS or DNSKEY lines and files of them, read by referenced-files.ts. Null: the built-in ones. */
    trustAnchors: z
      .union([z.array(anchorSource), z.strictObject({ file: path() })])
      .nullable()
      .default(null),
    /**
     * The file that keeps the state of anchors that are followed (RFC 5011); false: memory only. Null: a file in the
     * state directory for the built-in anchors; those of trustAnchors are not followed then.
     */
    anchorState: z
      .union([z.literal(false), path()])
      .nullable()
      .default(null),
    /** RFC 8145 §5 */
    trustAnchorSignaling: z.boolean().default(true),
    /** RFC 8509 */
    rootKeySentinel: z.boolean().default(true),
    negativeTrustAnchors: z.array(negativeTrustAnchor).default([]),
    /** Milliseconds since 1970 (UTC). */
    validationTime: instantField().nullable().default(null),
    /**
     * RFC 5155 §10.3 stops at 2500; RFC 9276 §3.2 lets a validator give up earlier. Above this a zone is insecure, so a
     * lower figure protects less; what it costs is bounded by limits.nsec3Hashes, which counts iterations too.
     */
    nsec3MaxIterations: whole(0, 2500).default(150),
    legacyAlgorithms: z.array(whole(1, 254)).default([]),
  })
  .prefault({});

const serveStale = z.strictObject({
  maxAge: whole(1, MAX_TTL).default(86_400),
  /** RFC 8767 §4: above 0, 30 recommended. */
  answerTtl: whole(1, MAX_TTL).default(30),
  /** Milliseconds; 0 answers stale at once and refreshes afterwards. */
  clientTimeout: whole(0, 60_000).default(1800),
});

/** Each is fetched again and again for nothing but an expectation. */
const MAX_WARM = 1000;

/** One name for one type, or for addresses of both families. */
const warmName = z.union([
  nameField().transform((name) => [Type.A, Type.AAAA].map((type) => ({ name, type }))),
  z.strictObject({ name: nameField(), type: typeField() }).transform((warm) => [warm]),
]);

const persistence = z.strictObject({
  directory: path(),
  /** Seconds; false: only when the journal grows too long. */
  snapshotInterval: z.union([z.literal(false), whole(1, 86_400)]).default(300),
  /** When the journal is synced to the disk; no: the system decides; off: there is none. */
  journal: z.enum(['everysec', 'always', 'no', 'off']).default('everysec'),
});

const shared = z.strictObject({
  url: textField(checkSharedUrl),
  /** More nodes of a Redis cluster to begin with, when the one of `url` is down. */
  nodes: z.array(textField(checkSharedUrl)).default([]),
  /** The store is a Redis or Valkey cluster: keys are asked of the node that has them. */
  cluster: z.boolean().default(false),
  /** One of the two is needed; see cross-checks.ts. The same for every instance. */
  secret: textField(checkSecret).optional(),
  secretFile: path().optional(),
  /** For rediss:// only. PEM files: whom to trust instead of the system's authorities, and who we are. */
  tls: z.strictObject({ ca: path().optional(), cert: path().optional(), key: path().optional() }).optional(),
  /** Milliseconds one client question waits for the store at most, all its lookups together. */
  timeout: whole(1, 1000).default(20),
  /** What keys in the store begin with. */
  prefix: textField((text) => {
    if (/^[\w.:-]{1,32}$/.test(text)) return text;
    throw new RangeError(`"${text}" is no prefix: write 1 to 32 letters, digits or any of _ . : -`);
  }).default('rootwalk'),
});

const cache = z
  .strictObject({
    maxSize: sizeField().prefault('256MiB'),
    eviction: z.enum(['lru', 'lfu', 'ttl', 'cost', 'none']).default('lru'),
    minTtl: whole(0, MAX_TTL).default(0),
    maxTtl: whole(0, MAX_TTL).default(86_400),
    maxNegativeTtl: whole(0, MAX_TTL).default(3600),
    aggressiveNsec: z.boolean().default(defaultFor('cache.aggressiveNsec', true)),
    prefetch: z.boolean().default(true),
    keepWarm: z
      .array(warmName)
      .max(MAX_WARM, { error: `must not be more than ${MAX_WARM} names` })
      .default([]),
    serveStale: orFalse(serveStale).prefault({}),
    persistence: orFalse(persistence).default(defaultFor('cache.persistence', false)),
    shared: orFalse(shared).default(false),
  })
  .prefault({});

function limitField(name: LimitName) {
  const { default: figure, min, max, unit, because } = LIMITS[name];
  return whole(min, max)
    .default(figure)
    .describe(`${unit === 'count' ? '' : `[${unit}] `}${because}`);
}

type LimitFields = { [N in LimitName]: ReturnType<typeof limitField> };
const limitFields = Object.fromEntries(LIMIT_NAMES.map((name) => [name, limitField(name)])) as LimitFields;

const limits = z
  .strictObject({ ...limitFields, shadow: z.array(z.enum(LIMIT_NAMES as [LimitName, ...LimitName[]])).default([]) })
  .prefault({});

const LOCAL_ZONE_TYPES = [
  'static',
  'transparent',
  'typetransparent',
  'redirect',
  'refuse',
  'deny',
  'inform',
  'inform_deny',
  'always_nxdomain',
  'always_nodata',
  'always_refuse',
  'always_transparent',
  'always_null',
] as const;
/** As Unbound documents its local-zone types; see policy/local-zones.ts. */
export type LocalZoneType = (typeof LOCAL_ZONE_TYPES)[number];

const local = z
  .strictObject({
    specialUse: z.boolean().default(true),
    /** Keeps what is changed at run time; null: memory only. */
    file: path().nullable().default(null),
    zones: z
      .array(
        z.strictObject({
          name: nameField(),
          type: z.enum(LOCAL_ZONE_TYPES).default('static'),
          records: z.array(recordField()).default([]),
        }),
      )
      .default([]),
  })
  .prefault({});

const log = z
  .strictObject({
    level: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
    queries: z.boolean().default(false),
  })
  .prefault({});

/** Every key of a configuration file. */
export const configSchema = z.strictObject({
  listen: z.array(listenField()).prefault(['127.0.0.1:5300', '[::1]:5300']),
  /** Threads that read datagrams, beside the main one; auto: one for each processor. 1: the main thread does. */
  threads: z.union([whole(1, 1024), z.literal('auto')]).default(1),
  user: runAsField().nullable().default(null),
  http,
  access,
  rateLimit,
  /** A file, read by referenced-files.ts. Null: the built-in ones. */
  rootHints: path().nullable().default(null),
  upstream,
  zones,
  dnssec,
  cache,
  limits,
  local,
  log,
});

/** What the keys of a file say, files they name not read yet. */
export type ConfigFields = z.output<typeof configSchema>;
export type SectionName = keyof ConfigFields;
