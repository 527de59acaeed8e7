/**
 * Which commands are there, and what do they take? Only the declarations: a command's own file is loaded when it runs,
 * so that `rootwalk query` does not wait for the HTTP server to load.
 */
import { Command, CommanderError } from 'commander';
import { TokenError } from '../http/token.js';
import { CommandError, EXIT_DONE, EXIT_USAGE } from './exit.js';
import { catchSignals } from './signals.js';
import { printable, processTerminal, type Terminal } from './terminal.js';
import { version } from './version.js';

/**
 * Runs one command line (without node and script). Resolves to the exit code: 0 done, 1 the answer is a failure,
 * 2 usage or configuration error. Never rejects.
 */
export async function main(argv: readonly string[], terminal: Terminal = processTerminal()): Promise<number> {
  let exitCode: number = EXIT_DONE;
  const program = createProgram(terminal, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(argv, { from: 'user' });
    return exitCode;
  } catch (error) {
    return explain(error, terminal);
  }
}

/** Commander has told its own errors already. */
function explain(error: unknown, terminal: Terminal): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_DONE : EXIT_USAGE;
  if (error instanceof CommandError) {
    terminal.err(`rootwalk: ${printableLines(error.message)}\n`);
    terminal.err(`  ${printableLines(error.hint)}\n`);
    return error.exitCode;
  }
  if (error instanceof TokenError) {
    terminal.err(`rootwalk: ${printableLines(error.message)}\n`);
    return EXIT_USAGE;
  }
  terminal.err(`rootwalk: ${error instanceof Error ? printableLines(error.stack ?? error.message) : String(error)}\n`);
  terminal.err('  this is a mistake in rootwalk: please report it with the command you gave\n');
  return EXIT_USAGE;
}

function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n');
}

type Finish = (exitCode: number) => void;

function createProgram(terminal: Terminal, finish: Finish): Command {
  const program = new Command('rootwalk')
    .description('A caching, validating DNS recursive resolver that explains itself.')
    .version(version, '-V, --version')
    .exitOverride()
    .configureOutput({ writeOut: terminal.out, writeErr: terminal.err })
    .showHelpAfterError('(rootwalk COMMAND --help tells more)')
    .addHelpText(
      'after',
      examples([
        'serve',
        'query www.example.org AAAA --trace',
        'why www.example.org',
        'cache list --suffix example.org',
      ]),
    );
  declareServe(program, finish);
  declareQuery(program, terminal, finish);
  declareWhy(program, terminal, finish);
  declareCache(program, terminal, finish);
  declareLocal(program, terminal, finish);
  declareStats(program, terminal, finish);
  declareAnchors(program, terminal, finish);
  declareCheckConfig(program, terminal, finish);
  declareBench(program, terminal, finish);
  declareLab(program, finish);
  return program;
}

function declareServe(program: Command, finish: Finish): void {
  program
    .command('serve')
    .description('answer clients until told to stop')
    .option('--config <file>', 'configuration (YAML); all defaults without one')
    .option('--listen <address...>', 'ADDRESS:PORT to answer on, instead of those of the configuration')
    .option('--http <address>', 'ADDRESS:PORT of the http endpoint, instead of that of the configuration')
    .option('--lab', 'resolve from a small internet inside this process, not from the real one')
    .addHelpText(
      'after',
      examples(['serve', 'serve --config rootwalk.yaml', 'serve --listen 127.0.0.1:5300 [::1]:5300']),
    )
    .action(async (options) => {
      const signals = catchSignals();
      const { serve } = await import('./serve.js');
      finish(await serve(options, signals).finally(signals.release));
    });
}

function declareLab(program: Command, finish: Finish): void {
  program
    .command('lab')
    .description('run a small internet with authoritative servers, and a resolver that uses it')
    .option('--config <file>', 'configuration (YAML) of the resolver; the root and its keys are those of the lab')
    .option('--listen <address...>', 'ADDRESS:PORT the resolver answers on')
    .option('--http <address>', 'ADDRESS:PORT of the http endpoint')
    .option('--port <port>', 'port of the authoritative servers (5399 unless given), 0 for any free one')
    .addHelpText(
      'after',
      examples(['lab', 'lab --port 0 --listen 127.0.0.1:5301 --http 127.0.0.1:8054   # a second one']),
    )
    .action(async (options) => {
      const signals = catchSignals();
      const { runLab } = await import('./lab.js');
      finish(await runLab(options, signals).finally(signals.release));
    });
}

function declareQuery(program: Command, terminal: Terminal, finish: Finish): void {
  program
    .command('query')
    .description('resolve a name in this process, or ask a server')
    .argument('<name>', 'domain name')
    .argument('[type]', 'record type', 'A')
    .option('--trace', 'show every step as it happens')
    .option('--server <address[:port]>', 'ask this server instead of resolving (port 53 unless given)')
    .option('--tcp', 'ask the server over TCP')
    .option('--dnssec', 'show signatures and proofs; asks the server for them (DO)')
    .option('--config <file>', 'configuration of the resolution')
    .option('--short', 'print the data of the answer only')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `${examples([
        'query www.example.org',
        'query example.org MX --trace',
        'query example.org --server 127.0.0.1:5300 --short',
      ])}\nExit code 1 when the answer is a failure such as SERVFAIL; NXDOMAIN is an answer.\n`,
    )
    .action(async (name: string, type: string, options) => {
      const { query } = await import('./query.js');
      finish(await query(name, type, options, terminal));
    });
}

function declareWhy(program: Command, terminal: Terminal, finish: Finish): void {
  toServer(program.command('why'))
    .description('explain an answer of a running server: its chain of trust link by link, or why there is none')
    .argument('[name]', 'domain name; without one, the resolutions that failed or took long lately')
    .argument('[type]', 'record type', 'A')
    .option('--cached', 'from what the server knows; otherwise it resolves what it does not know')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `${examples(['why www.example.org', 'why example.org MX --cached', 'why'])}\n` +
        'Exit code 1 when the answer is bogus, a failure, or not known with --cached.\n',
    )
    .action(async (name: string | undefined, type: string, options) => {
      const { why } = await import('./why.js');
      finish(await why(name, type, options, terminal));
    });
}

function declareCache(program: Command, terminal: Terminal, finish: Finish): void {
  const cache = program
    .command('cache')
    .description('look into the cache of a running server')
    .addHelpText(
      'after',
      examples([
        'cache list --sort hits --limit 20',
        'cache get www.example.org A',
        'cache flush --suffix example.org',
      ]),
    );
  declareCacheList(cache, terminal, finish);
  declareCacheGet(cache, terminal, finish);
  declareCacheTree(cache, terminal, finish);
  declareCacheFlush(cache, terminal, finish);
  declareCacheDump(cache, terminal, finish);
  declareCacheLoad(cache, terminal, finish);
  toServer(cache.command('stats'))
    .description('how full the stores are, and what they were good for')
    .option('--json', 'print JSON')
    .addHelpText('after', examples(['cache stats', 'cache stats --json']))
    .action(async (options) => {
      const { cacheStats } = await import('./cache-stats.js');
      finish(await cacheStats(options, terminal));
    });
  toServer(cache.command('what-if'))
    .description('what the hit ratio would be, were the cache half as large, twice, four times')
    .option('--json', 'print JSON')
    .addHelpText('after', examples(['cache what-if', 'cache what-if --json']))
    .action(async (options) => {
      const { cacheWhatIf } = await import('./cache-what-if.js');
      finish(await cacheWhatIf(options, terminal));
    });
}

const KINDS = 'rrset, nodata, nxdomain, failure, delegation or denial';

function declareCacheList(cache: Command, terminal: Terminal, finish: Finish): void {
  toServer(cache.command('list'))
    .description('list entries: name, type, kind, seconds left, hits, octets, security, ms of fetching, server, data')
    .option('--suffix <name>', 'at or below this name')
    .option('--type <type>', 'of this record type')
    .option('--kind <kind>', KINDS)
    .option('--limit <count>', 'at most so many, 1 to 10000', '100')
    .option(
      '--sort <order>',
      'what comes first: the most hits, the least ttl, the most bytes, the highest cost (ms of fetching), the greatest age, or name',
    )
    .option('--reverse', 'the other end of that order first')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples([
        'cache list --sort hits --limit 20',
        'cache list --suffix example.org --type AAAA',
        'cache list --kind failure --json',
      ]),
    )
    .action(async (options) => {
      const { cacheList } = await import('./cache-list.js');
      finish(await cacheList(options, terminal));
    });
}

function declareCacheGet(cache: Command, terminal: Terminal, finish: Finish): void {
  toServer(cache.command('get'))
    .description('show all that is known of one name: records, TTL, where it came from, how far it is believed')
    .argument('<name>', 'domain name')
    .argument('[type]', 'record type; all that are held unless given')
    .option('--json', 'print JSON')
    .addHelpText('after', examples(['cache get www.example.org', 'cache get www.example.org AAAA --json']))
    .action(async (name: string, type: string | undefined, options) => {
      const { cacheGet } = await import('./cache-get.js');
      finish(await cacheGet(name, type, options, terminal));
    });
}

function declareCacheTree(cache: Command, terminal: Terminal, finish: Finish): void {
  toServer(cache.command('tree'))
    .description('the zone cuts from the root down to a name: servers, DS, keys, seconds left, and what is missing')
    .argument('<name>', 'domain name')
    .option('--json', 'print JSON')
    .addHelpText('after', examples(['cache tree www.example.org', 'cache tree www.example.org --json']))
    .action(async (name: string, options) => {
      const { cacheTree } = await import('./cache-tree.js');
      finish(await cacheTree(name, options, terminal));
    });
}

function declareCacheDump(cache: Command, terminal: Terminal, finish: Finish): void {
  toServer(cache.command('dump'))
    .description('write all entries, or those that match, to a file or to standard output')
    .argument('[file]', 'written aside and renamed when complete; standard output unless given')
    .option('--suffix <name>', 'at or below this name')
    .option('--type <type>', 'of this record type')
    .option('--kind <kind>', KINDS)
    .option(
      '--format <format>',
      'jsonl, which load reads; or zone, a master file for people and other programs',
      'jsonl',
    )
    .addHelpText(
      'after',
      examples(['cache dump cache.jsonl', 'cache dump --suffix example.org', 'cache dump --format zone > cache.zone']),
    )
    .action(async (file: string | undefined, options) => {
      const { cacheDump } = await import('./cache-dump.js');
      finish(await cacheDump(file, options, terminal));
    });
}

function declareCacheLoad(cache: Command, terminal: Terminal, finish: Finish): void {
  toServer(cache.command('load'))
    .description('put the entries of a dump into the cache, beside what is there; needs the token')
    .argument('[file]', 'what cache dump wrote; standard input unless given')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `${examples(['cache load cache.jsonl', 'cache dump --http 192.0.2.1:8053 | rootwalk cache load'])}\n` +
        'What is loaded is believed as the dump says, for as long as its TTL and its signatures last.\n' +
        'Exit code 1 when lines were refused; the others are loaded.\n',
    )
    .action(async (file: string | undefined, options) => {
      const { cacheLoad } = await import('./cache-load.js');
      finish(await cacheLoad(file, options, terminal));
    });
}

function declareCacheFlush(cache: Command, terminal: Terminal, finish: Finish): void {
  toServer(cache.command('flush'))
    .description('remove entries')
    .argument('[name]', 'domain name')
    .argument('[type]', 'record type; all unless given')
    .option('--suffix <name>', 'all at or below this name')
    .option('--type <type>', 'all of this record type')
    .option('--kind <kind>', `all of this kind: ${KINDS}`)
    .option('--bogus', 'all that failed validation, and failures because of it')
    .option('--negative', 'all denials and failures')
    .option('--all', 'everything')
    .option('--dry-run', 'remove nothing, say how many it would be')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples([
        'cache flush www.example.org',
        'cache flush --suffix example.org',
        'cache flush --bogus',
        'cache flush --negative --suffix example.org --dry-run',
        'cache flush --all',
      ]),
    )
    .action(async (name: string | undefined, type: string | undefined, options) => {
      const { cacheFlush } = await import('./cache-flush.js');
      finish(await cacheFlush(name, type, options, terminal));
    });
}

function declareLocal(program: Command, terminal: Terminal, finish: Finish): void {
  const local = program
    .command('local')
    .description('records a running server answers by itself: see and change them')
    .addHelpText(
      'after',
      `${examples(['local list', 'local set nas.home.arpa A 192.168.1.9', 'local remove nas.home.arpa A'])}\n${LOCAL_HELP}`,
    );
  toServer(local.command('list'))
    .description('list records of the configuration and changes: name, type, TTL, source, zone, data')
    .option('--suffix <name>', 'at or below this name')
    .option('--limit <count>', 'at most so many, 1 to 10000', '1000')
    .option('--json', 'print JSON')
    .addHelpText('after', examples(['local list', 'local list --suffix lan.example --json']))
    .action(async (options) => {
      const { localList } = await import('./local-list.js');
      finish(await localList(options, terminal));
    });
  toServer(local.command('set'))
    .description('set the records of one name and type, in the place of those there are')
    .argument('<name>', 'domain name')
    .argument('<type>', 'record type')
    .argument('<data...>', 'data of each record, as in a zone file')
    .option('--ttl <time>', 'seconds, or a time like 5m; 300 unless given')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples([
        'local set nas.lan.example A 192.0.2.7 192.0.2.8 --ttl 60',
        "local set lan.example MX '10 mail.lan.example.'",
      ]),
    )
    .action(async (name: string, type: string, data: readonly string[], options) => {
      const { localSet } = await import('./local-change.js');
      finish(await localSet(name, type, data, options, terminal));
    });
  toServer(local.command('remove'))
    .description('remove the records of one name and type, those of the configuration too')
    .argument('<name>', 'domain name')
    .argument('<type>', 'record type')
    .option('--json', 'print JSON')
    .addHelpText('after', `${examples(['local remove nas.lan.example A'])}\nExit code 1 when there are none.\n`)
    .action(async (name: string, type: string, options) => {
      const { localRemove } = await import('./local-change.js');
      finish(await localRemove(name, type, options, terminal));
    });
}

const LOCAL_HELP = `Changes hold at once and outlive a reload: they are laid over what the configuration says, until it says the same.
They outlive a restart when local.file names a file.
`;

function declareStats(program: Command, terminal: Terminal, finish: Finish): void {
  toServer(program.command('stats'))
    .description('what a running server has done')
    .option('--watch', 'look again every two seconds, with rates')
    .option('--json', 'print JSON; with --watch one line for each look')
    .addHelpText('after', examples(['stats', 'stats --watch', 'stats --json --http 127.0.0.1:8053']))
    .action(async (options) => {
      const { stats } = await import('./stats.js');
      finish(await stats(options, terminal));
    });
}

function declareAnchors(program: Command, terminal: Terminal, finish: Finish): void {
  toServer(program.command('anchors'))
    .description('the trust anchors of a running server and their state (RFC 5011), and where validation is off')
    .option('--json', 'print JSON')
    .addHelpText('after', examples(['anchors', 'anchors --json']))
    .action(async (options) => {
      const { anchors } = await import('./anchors.js');
      finish(await anchors(options, terminal));
    });
}

function declareCheckConfig(program: Command, terminal: Terminal, finish: Finish): void {
  program
    .command('check-config')
    .description('check a configuration: every mistake as FILE:LINE:COLUMN: key: what is wrong')
    .argument('[file]', 'configuration (YAML)')
    .option('--schema', 'print the JSON Schema of configurations, for editors')
    .option('--json', 'print JSON')
    .addHelpText('after', examples(['check-config rootwalk.yaml', 'check-config --schema > rootwalk.schema.json']))
    .action(async (file: string | undefined, options) => {
      const { checkConfig } = await import('./check-config.js');
      finish(await checkConfig(file, options, terminal));
    });
}

function declareBench(program: Command, terminal: Terminal, finish: Finish): void {
  program
    .command('bench')
    .description('send the questions of a file to a server and tell how long the answers took')
    .argument('<file>', 'a name and perhaps a type a line, "-" for standard input; asked in turn, over and over')
    .requiredOption('--server <address[:port]>', 'server to ask (port 53 unless given)')
    .option('--seconds <count>', 'how long, 1 to 86400', '10')
    .option('--count <count>', 'queries in all at most')
    .option('--rate <count>', 'queries a second; as fast as answers come unless given')
    .option('--outstanding <count>', 'queries under way at most, 1 to 50000', '100')
    .option('--clients <count>', 'sockets that send them, 1 to 1000', '4')
    .option('--timeout <ms>', 'when a query counts as lost; it is not asked again', '5000')
    .option('--dnssec', 'ask for DNSSEC records too (DO)')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `${examples([
        'bench queries.txt --server 127.0.0.1:5300',
        'bench queries.txt --server 192.0.2.1 --rate 2000 --seconds 60 --json',
      ])}\nExit code 1 when nothing was answered.\n`,
    )
    .action(async (file: string, options) => {
      const { bench } = await import('./bench.js');
      finish(await bench(file, options, terminal));
    });
}

/** Options of commands that talk to a running server. */
function toServer(command: Command): Command {
  return command
    .option('--http <address>', 'ADDRESS:PORT of its http endpoint (127.0.0.1:8053 unless given)')
    .option('--config <file>', 'its configuration, which names the endpoint and the token')
    .option('--token-file <file>', 'file that holds the token');
}

function examples(lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  rootwalk ${line}\n`).join('')}`;
}
