#!/usr/bin/env node
import { setCollectorFlags } from './cli/collector.js';

setCollectorFlags();
// Loaded only now: V8 plans its first collections while modules are loaded.
const { main } = await import('./cli/main.js');
process.exitCode = await main(process.argv.slice(2));
