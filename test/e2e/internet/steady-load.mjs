/**
 * Asks at a steady rate, every fourth time for a name nobody asked for before, and prints as JSON what came of it:
 * `node steady-load.mjs ADDRESS PORT RATE QUERIES`. A stub resolver asks again after a second, and so does this; a query
 * has failed after five attempts, or with a reply that is no answer. On a machine too slow for the rate it is lower.
 */
import { createSocket } from 'node:dgram';

const [address, port, rate, queries] = process.argv.slice(2);
const PATIENCE_MS = 1000;
const ATTEMPTS = 5;
const TICK_MS = 5;
/** Under way: more would overflow the socket of whoever is asked while it is not running. */
const MAX_WAITING = 200;

const socket = createSocket('udp4');
/** When each query was sent last and how often, by ID. */
const waiting = new Map();
const outcome = { sent: 0, answered: 0, failed: 0, again: 0, slowestMs: 0, seconds: 0, rcodes: {} };
const started = performance.now();

function questionFor(number) {
  const fresh = number % 4 === 0;
  const labels = [fresh ? `load-${number}` : `load-${(number % 400) * 4}`, 'wild', 'example', 'com'];
  const name = Buffer.concat(labels.map((label) => Buffer.from([label.length, ...Buffer.from(label)])));
  const head = Buffer.from([number >>> 8, number, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
  return Buffer.concat([head, name, Buffer.from([0, 0, 1, 0, 1])]);
}

function send(number, first, attempts) {
  waiting.set(number & 0xffff, { number, first, at: performance.now(), attempts });
  socket.send(questionFor(number), Number(port), address);
}

function sendAgain() {
  for (const [id, { number, first, at, attempts }] of waiting) {
    if (performance.now() - at < PATIENCE_MS) continue;
    waiting.delete(id);
    if (attempts >= ATTEMPTS) outcome.failed++;
    else {
      outcome.again++;
      send(number, first, attempts + 1);
    }
  }
}

socket.on('message', (reply) => {
  const id = reply.readUInt16BE(0);
  const sent = waiting.get(id);
  if (sent === undefined) return;
  waiting.delete(id);
  const rcode = reply[3] & 15;
  outcome.rcodes[rcode] = (outcome.rcodes[rcode] ?? 0) + 1;
  outcome.slowestMs = Math.max(outcome.slowestMs, Math.round(performance.now() - sent.first));
  if (rcode === 0 && reply.readUInt16BE(6) > 0) outcome.answered++;
  else outcome.failed++;
});

socket.bind(0, '127.0.0.1', () => {
  const timer = setInterval(() => {
    sendAgain();
    const due = Math.min(Number(queries), ((performance.now() - started) / 1000) * Number(rate));
    while (outcome.sent < due && waiting.size < MAX_WAITING) send(outcome.sent++, performance.now(), 1);
    if (outcome.sent < Number(queries) || waiting.size > 0) return;
    clearInterval(timer);
    socket.close();
    outcome.seconds = Math.round((performance.now() - started) / 100) / 10;
    process.stdout.write(`${JSON.stringify(outcome)}\n`);
  }, TICK_MS);
});
