/**
 * Asks a resolver many questions over UDP from inside a namespace, and prints each reply as a line of JSON:
 * {"name", "rcode", "data", "ttl", "at"}; `at` in ms since 1970, `data` null without an address.
 *
 *   ask-many.mjs flood PREFIX    PREFIX-0.wild.example.com and so on, some 400 a second, until it is ended
 *   ask-many.mjs cached          the names on standard input, without recursion, once each
 */
import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';

const [mode, prefix] = process.argv.slice(2);
const socket = createSocket('udp4');
const asked = new Map();
let count = 0;

function ask(name, recursion) {
  const id = count++ % 65_536;
  asked.set(id, name);
  const labels = name.split('.').map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)]));
  const head = Buffer.from([id >> 8, id & 255, recursion ? 1 : 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
  socket.send(Buffer.concat([head, ...labels, Buffer.from([0, 0, 1, 0, 1])]), 5300, '127.0.0.1');
}

const replied = new Set();
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
socket.on('message', (reply) => {
  const name = asked.get(reply.readUInt16BE(0));
  if (replied.has(name)) return;
  replied.add(name);
  const answers = reply.readUInt16BE(6);
  // One A record, its owner a pointer to the question.
  const at = 12 + name.length + 2 + 4;
  const isAddress = answers === 1 && reply.readUInt16BE(at) === 0xc00c && reply.readUInt16BE(at + 2) === 1;
  const record = isAddress
    ? { data: [...reply.subarray(at + 12, at + 16)].join('.'), ttl: reply.readUInt32BE(at + 6) }
    : { data: null, ttl: null };
  process.stdout.write(`${JSON.stringify({ name, rcode: reply[3] & 15, ...record, at: Date.now() })}\n`);
});
// Nobody listens while the resolver is dead.
socket.on('error', () => undefined);

if (mode === 'flood') {
  let next = 0;
  setInterval(() => {
    for (let i = 0; i < 20; i++) ask(`${prefix}-${next++}.wild.example.com`, true);
  }, 50);
} else {
  const names = readFileSync(0, 'utf8').split('\n').filter(Boolean);
  // Datagrams get lost on a busy machine.
  for (let tries = 0; tries < 8 && replied.size < names.length; tries++) {
    const left = names.filter((name) => !replied.has(name));
    for (const [index, name] of left.entries()) {
      ask(name, false);
      if (index % 50 === 49) await pause(5);
    }
    for (let waited = 0; waited < 1000 && replied.size < names.length; waited += 10) await pause(10);
  }
  socket.close();
}
