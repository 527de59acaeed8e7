/** rootwalk check-config: is this file right, and what would it do? All mistakes at once, where they are. */
import type { Config } from '../config/config.js';
import { configJsonSchema } from '../config/json-schema.js';
import { configProblemToText, loadConfig } from '../config/load-config.js';
import { accountProblem } from '../server/privileges.js';
import { wildcardWarning } from '../server/wildcard.js';
import { CommandError, EXIT_DONE, EXIT_USAGE, type ExitCode } from './exit.js';
import { octetsText } from './figures.js';
import { writePairs } from './table.js';
import { printable, type Terminal, writeJson } from './terminal.js';

export interface CheckConfigOptions {
  readonly schema?: boolean;
  readonly json?: boolean;
}

export async function checkConfig(
  file: string | undefined,
  options: CheckConfigOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  if (options.schema) {
    writeJson(terminal, configJsonSchema());
    return EXIT_DONE;
  }
  if (file === undefined) throw new CommandError('no file was named', 'write rootwalk check-config FILE, or --schema');
  const outcome = loadConfig(file, { accountProblem });
  const problems = outcome.ok ? [] : outcome.problems;
  if (options.json) {
    writeJson(terminal, { ok: outcome.ok, problems, warnings: outcome.ok ? warningsOf(outcome.config) : [] });
  } else if (outcome.ok) {
    terminal.out(`${terminal.colours.green('ok')}\t${printable(file)}\n`);
    const warnings = warningsOf(outcome.config).map((text) => ['warning', text] as const);
    writePairs(terminal, [...summary(outcome.config), ...warnings]);
  } else {
    for (const problem of problems) terminal.out(`${printable(configProblemToText(problem))}\n`);
  }
  return outcome.ok ? EXIT_DONE : EXIT_USAGE;
}

/** What works, but perhaps not as it was meant. */
function warningsOf({ listen }: Config): string[] {
  if (listen.length === 0) return ['listen is empty: questions come over sockets that systemd passes, or not at all'];
  return listen.map((address) => wildcardWarning(address)).filter((warning) => warning !== undefined);
}

/** What is worth a look before starting: where it listens, whom it serves, what it keeps and believes. */
function summary(config: Config): (readonly [string, string])[] {
  const { access, cache, dnssec, http, zones, local } = config;
  return [
    ['listens on', config.listen.map(({ key }) => key).join(', ')],
    ['serves', access.allow.length === 0 ? 'nobody' : access.allow.join(', ')],
    [
      'http',
      http === false ? 'off' : `${http.listen.key}, ${http.token === undefined ? 'token made at start' : 'own token'}`,
    ],
    ['dnssec', `${dnssec.mode}, ${dnssec.trustAnchors.length} trust anchors`],
    ['cache', `up to ${octetsText(cache.maxSize)}, TTL ${cache.minTtl} to ${cache.maxTtl} s`],
    ['zones', `${zones.length} forwarded or stub, ${local.zones.length} local`],
  ];
}
