/**
 * `rootwalk lab`: authoritative servers of a small internet on loopback addresses in this process, and the resolver
 * over them; everything can be tried with no network at all.
 */

import { networkInterfaces } from 'node:os';
import type { Config } from '../config/config.js';
import { parseConfig } from '../config/load-config.js';
import { trustAnchorFromText } from '../config/trust-anchors.js';
import { LabError } from '../lab/lab-map.js';
import { type RunningLab, startLab } from '../lab/start-lab.js';
import { numberArgument } from './arguments.js';
import { configOrEnd } from './config-file.js';
import { CommandError, EXIT_DONE } from './exit.js';
import { createLog } from './log.js';
import { type Daemon, startDaemon, withOptions } from './serve.js';
import type { Signals } from './signals.js';

export interface LabCommandOptions {
  readonly config?: string;
  readonly listen?: readonly string[];
  readonly http?: string;
  /** Of the authoritative servers. */
  readonly port?: string;
}

export async function runLab(options: LabCommandOptions, signals: Signals): Promise<number> {
  const config = withOptions(configOrEnd(options.config), options);
  const log = createLog(config.log.level);
  signals.onHangUp(async () => log.info({}, 'SIGHUP: nothing is read again while a lab runs'));
  const port = options.port === undefined ? {} : { port: numberArgument(options.port, 0, 65_535, '--port') };
  const lab = await startLab({ log, ...port }).catch((error: unknown) => {
    if (!(error instanceof LabError)) throw error;
    throw new CommandError(error.message, 'rootwalk lab --port 0 takes any free port for the authoritative servers');
  });
  try {
    if (config.cache.persistence !== false) log.warn({}, 'the cache of a lab is not kept: its keys are new each time');
    const daemon = await startDaemon(labConfig(config, lab), log);
    process.stdout.write(introduction(lab, daemon));
    await signals.stopped;
    await daemon.stop();
  } finally {
    await lab.close();
  }
  return EXIT_DONE;
}

/** The configuration with the lab for the internet: where the root is, which key it has, how its servers are reached. */
export function labConfig(config: Config, lab: Pick<RunningLab, 'hints' | 'port' | 'trustAnchors'>): Config {
  return {
    ...config,
    listen: withoutAbsent(config.listen),
    rootHints: { servers: lab.hints },
    // Every server of the lab has an IPv4 address of loopback, and no other.
    // Keys made anew would make nothing of it, and it may be the one of the real internet.
    cache: { ...config.cache, persistence: false },
    upstream: { ...config.upstream, port: lab.port, allowLoopback: true, ipv4: true, ipv6: false },
    // Its keys are made anew each time: there is nothing to follow.
    dnssec: {
      ...config.dnssec,
      trustAnchors: lab.trustAnchors.map(trustAnchorFromText),
      trustAnchorSource: 'config',
      anchorState: null,
    },
  };
}

/** The default has ::1, which a machine for trying things may lack. Addresses that somebody named are left alone. */
function withoutAbsent(listen: Config['listen']): Config['listen'] {
  const defaults = parseConfig('', 'defaults');
  const keys = (addresses: Config['listen']): string => addresses.map(({ key }) => key).join();
  if (!defaults.ok || keys(defaults.config.listen) !== keys(listen)) return listen;
  const own = Object.values(networkInterfaces()).flatMap((entries) => entries ?? []);
  return own.some(({ address }) => address === '::1') ? listen : listen.filter(({ family }) => family === 4);
}

/** What somebody who has just started the lab is shown. */
export function introduction(lab: RunningLab, { server, http }: Pick<Daemon, 'server' | 'http'>): string {
  const [listen] = server.addresses;
  const at = listen === undefined ? '' : `@${listen.address} -p ${listen.port}`;
  const suggestions = lab.suggestions.map(({ question, shows }) => [forShell(question), shows] as const);
  const width = Math.max(...suggestions.map(([question]) => question.length));
  const lines = suggestions.map(([question, shows]) => `  dig ${at} ${question.padEnd(width)}   # ${shows}`);
  const servers = `${lab.servers.length} authoritative servers on ${lab.servers[0]?.address} and up, port ${lab.port}`;
  const to = http?.key === '127.0.0.1:8053' ? '' : ` --http ${http?.key}`;
  return [
    `A small internet is running: ${servers}.`,
    'Things to try in another terminal:',
    ...lines,
    ...(http === undefined ? [] : [`  rootwalk why www.expired.dnssec.info${to}`]),
    ...(http === undefined ? [] : [`  rootwalk cache list${to}; rootwalk stats${to}; curl http://${http.key}/stats`]),
    'Ctrl-C ends it.',
    '',
  ].join('\n');
}

/** A shell would eat the backslash of a\.b, and dig would ask for another name. */
function forShell(question: string): string {
  return question.replace(/\S*\\\S*/g, "'$&'");
}
