/**
 * How long a frame takes to a guest that waits in wfi and back: the echo guest (fixtures/guests/echo.c) answers UDP
 * datagrams over `--net dgram:` and `stream:`, run and recorded. Part of `npm run bench`; alone it is
 * `node test/bench/latency.js [COUNT]`. Times are those of a peer in this process, its own event loop included; bare
 * Node that sends each datagram back shows what the host takes by itself.
 */
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const GUEST = join(root, 'fixtures/guests/prebuilt/echo.elf');
const HEADER_BYTES = 42;
/** Pauses before a frame, in milliseconds: the guest has come to rest, and host timers have no part in it. */
const PAUSE = { least: 2, most: 25 };
const LOST = 1000;

const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

/** A UDP datagram to port 7 of the guest, without UDP checksum. */
function datagram(payload) {
  const frame = Buffer.alloc(HEADER_BYTES + payload.length);
  frame.set([0x52, 0x54, 0, 0x12, 0x34, 0x56, 2, 0, 0, 0, 0, 1, 8, 0, 0x45]);
  frame.writeUInt16BE(28 + payload.length, 16);
  frame.set([0, 1, 0, 0, 64, 17, 0, 0, 10, 0, 2, 2, 10, 0, 2, 15], 18);
  let sum = 0;
  for (let at = 14; at < 34; at += 2) sum += frame.readUInt16BE(at);
  frame.writeUInt16BE(~((sum & 0xffff) + (sum >>> 16)) & 0xffff, 24);
  [4000, 7, 8 + payload.length, 0].forEach((field, n) => frame.writeUInt16BE(field, 34 + n * 2));
  frame.set(payload, HEADER_BYTES);
  return frame;
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  return port;
}

/** The two ways to the guest: what vmft is told, and a function that gives a peer once the guest is ready. */
const LINKS = {
  dgram: async () => {
    const [here, there] = [await freePort(), await freePort()];
    const socket = createSocket('udp4');
    socket.bind(here, '127.0.0.1');
    await once(socket, 'listening');
    return {
      option: `dgram:local=127.0.0.1:${there},remote=127.0.0.1:${here}`,
      begin: () => Promise.resolve(),
      send: (frame) => socket.send(frame, there, '127.0.0.1'),
      listen: (arrived) => socket.on('message', arrived),
      close: () => socket.close(),
    };
  },
  stream: async () => {
    const port = await freePort();
    let socket;
    return {
      option: `stream:listen:127.0.0.1:${port}`,
      begin: async () => {
        socket = connect(port, '127.0.0.1').setNoDelay(true);
        await once(socket, 'connect');
      },
      send: (frame) => {
        const length = Buffer.alloc(4);
        length.writeUInt32BE(frame.length);
        socket.write(Buffer.concat([length, frame]));
      },
      listen: (arrived) => socket.on('data', arrived),
      close: () => socket.destroy(),
    };
  },
};

/** A process of bare Node that says it is ready and sends back what comes to the UDP port that `option` names first. */
const bareNode = (option) => [
  '-e',
  `const s = require('dgram').createSocket('udp4'); s.on('message', (m, from) => s.send(m, from.port, from.address));
  s.bind(${/:(\d+)/.exec(option)[1]}, '127.0.0.1', () => console.log('ready'));`,
];

/** Round trips in milliseconds, sorted, and how many found no answer. */
async function measure(node, link, argumentsFor, count) {
  const peer = await LINKS[link]();
  const vmft = spawn(node, argumentsFor(peer.option), { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    let text = '';
    for await (const chunk of vmft.stdout) if ((text += chunk).includes('ready')) break;
    await peer.begin();
    let arrived = () => undefined;
    peer.listen(() => arrived());
    const times = [];
    let lost = 0;
    for (let n = -10; n < count; n++) {
      await pause(PAUSE.least + Math.random() * (PAUSE.most - PAUSE.least));
      const answer = new Promise((done) => (arrived = () => done(true)));
      const start = performance.now();
      peer.send(datagram(Buffer.from(`frame ${n}`)));
      const came = await Promise.race([answer, pause(LOST)]);
      if (n < 0) continue;
      if (came) times.push(performance.now() - start);
      else lost++;
    }
    return { times: times.sort((a, b) => a - b), lost };
  } finally {
    vmft.kill('SIGINT');
    peer.close();
  }
}

/** Prints the figures of both links, run and recorded by vmft on this `node`. */
export async function latency(count = 400, node = process.execPath) {
  const work = mkdtempSync(join(tmpdir(), 'vmft-latency-'));
  console.log(`\nround trip of a frame to a guest that waits, ${count} frames each, milliseconds`);
  console.log(`${'link'.padEnd(18)}${['median', 'p99', 'worst', 'lost'].map((name) => name.padStart(9)).join('')}`);
  try {
    const show = (name, { times, lost }) => {
      const at = (share) => (times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? NaN).toFixed(3);
      const cells = [at(0.5), at(0.99), at(1), lost];
      console.log(`${name.padEnd(18)}${cells.map((cell) => String(cell).padStart(9)).join('')}`);
    };
    show('dgram bare node', await measure(node, 'dgram', bareNode, count));
    for (const link of Object.keys(LINKS)) {
      for (const command of [['run'], ['record', '-o', join(work, `${link}.pb`)]]) {
        const vmft = (option) => [join(root, 'bin/run.js'), ...command, GUEST, '--quiet', '--net', option];
        show(`${link} ${command[0]}`, await measure(node, link, vmft, count));
      }
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await latency(Number(process.argv[2] ?? 400));
