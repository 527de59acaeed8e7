/**
 * `rootwalk lab`: authoritative servers of a small internet on loopback addresses in this process, and the resolver
 * over them; everything can be tried with no network at all.
 */

import { endpointFromText } from '../config/address-text.js';
import type { Config } from '../config/config.js';
import { parseConfig } from '../config/load-config.js';
import { LabError } from '../lab/lab-map.js';
import { type RunningLab, startLab } from '../lab/start-lab.js';
import { CommandError, EXIT_DONE } from './exit.js';
import { createLog } from './log.js';
import { startDaemon } from './serve.js';
import type { Signals } from './signals.js';

export interface LabCommandOptions {
  readonly listen?: readonly string[];
  readonly http?: string;
}

export async function runLab(options: LabCommandOptions, signals: Signals): Promise<number> {
  const log = createLog('info');
  signals.onHangUp(async () => log.info({}, 'SIGHUP: a lab has nothing to read again'));
  const lab = await startLab({ log }).catch((error: unknown) => {
    if (error instanceof LabError) throw new CommandError(error.message, 'rootwalk lab --help tells more');
    throw error;
  });
  try {
    const daemon = await startDaemon(labConfig(lab, options), log);
    process.stdout.write(introduction(lab, daemon.server.addresses[0]));
    await signals.stopped;
    await daemon.stop();
  } finally {
    await lab.close();
  }
  return EXIT_DONE;
}

function labConfig(lab: RunningLab, options: LabCommandOptions): Config {
  const outcome = parseConfig('upstream: { allowLoopback: true, ipv6: false }', 'lab');
  if (!outcome.ok) throw new Error(outcome.problems[0]!.message);
  const { config } = outcome;
  return {
    ...config,
    listen: options.listen?.map(address) ?? [address('127.0.0.1:5300')],
    http: options.http === undefined ? config.http : { listen: address(options.http), token: undefined },
    rootHints: { servers: lab.hints },
    upstream: { ...config.upstream, port: lab.port },
  };
}

function address(text: string): Config['listen'][number] {
  try {
    return endpointFromText(text, undefined, true);
  } catch (error) {
    throw new CommandError((error as Error).message, 'write addresses like 127.0.0.1:5300');
  }
}

function introduction(lab: RunningLab, listen: Config['listen'][number] | undefined): string {
  const at = listen === undefined ? '' : `@${listen.address} -p ${listen.port}`;
  const width = Math.max(...lab.suggestions.map(({ question }) => question.length));
  const lines = lab.suggestions.map(({ question, shows }) => `  dig ${at} ${question.padEnd(width)}   # ${shows}`);
  const servers = `${lab.servers.length} authoritative servers on ${lab.servers[0]?.address} and up, port ${lab.port}`;
  return [
    `A small internet is running: ${servers}.`,
    'Things to try in another terminal:',
    ...lines,
    '  rootwalk cache list; rootwalk stats; curl http://127.0.0.1:8053/stats',
    'Ctrl-C ends it.',
    '',
  ].join('\n');
}
