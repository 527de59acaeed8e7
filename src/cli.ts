#!/usr/bin/env node
import { setCollectorFlags } from './cli/collector.js';

// Daemons alone: with these flags V8 compiles Node's own modules anew, 50 ms that a short command would not get back. Set
// before all else is loaded, since V8 plans its first collections meanwhile.
if (process.argv[2] === 'serve' || process.argv[2] === 'lab') setCollectorFlags();
const { main } = await import('./cli/main.js');
process.exitCode = await main(process.argv.slice(2));
