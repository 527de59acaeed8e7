/**
 * rootwalk as a library: a resolver inside another Node.js program.
 *
 *   const outcome = parseConfig('upstream: { ipv6: false }', 'inline');
 *   if (outcome.ok) {
 *     const rootwalk = composeResolver(outcome.config, { log: console });
 *     const question = { name: nameFromText('www.example.org.'), type: Type.A, class: Class.IN };
 *     const { rcode, answer } = await rootwalk.resolver.resolve(question, { checkingDisabled: false, trace: undefined });
 *     await rootwalk.close();
 *   }
 *
 * A program that runs for months gives composeResolver an `anchorStore`, fileAnchorStore(path) or 'memory', and calls
 * keepAnchors(): then the root's keys are followed when they change (RFC 5011). keepWarm() has the names of cache.keepWarm
 * fetched ahead of time.
 */
export { fileAnchorStore } from './cli/anchor-store.js';
export { type Composed, type ComposeParts, composeResolver } from './cli/compose.js';
export type { Config } from './config/config.js';
export { type ConfigOutcome, loadConfig, parseConfig } from './config/load-config.js';
export { nameFromText, nameToText } from './dns/name.js';
export { Class, Rcode, Type, typeFromText, typeToText } from './dns/numbers.js';
export type { Resolution } from './dns/resolution.js';
export { type RRset, recordsOf } from './dns/rrset.js';
export type { AnchorStore } from './ports/anchor-store.js';
export type { TraceEvent } from './ports/trace.js';
export { recordToText } from './presentation/record-text.js';
