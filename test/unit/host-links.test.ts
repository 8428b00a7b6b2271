import { createSocket } from 'node:dgram';
import type { Socket as DatagramSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import fc from 'fast-check';

import { DatagramLink } from '../../src/host/dgram.js';
import { STATUS } from '../../src/host/failure.js';
import { MAX_FRAME_BYTES, QUEUE_FRAMES } from '../../src/host/frames.js';
import type { FrameLink } from '../../src/host/frames.js';
import { Deframer, framed } from '../../src/host/framing.js';
import { openLink } from '../../src/host/link.js';
import type { LinkOption } from '../../src/host/net.js';
import { parseNet } from '../../src/host/net.js';
import { ConnectingLink, ListeningLink } from '../../src/host/stream.js';

const HOST = '127.0.0.1';
const texts = (frames: readonly Uint8Array[]): string[] => frames.map((frame) => Buffer.from(frame).toString());

/** Waits until `condition` holds; fails by the test's own time limit. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});
function kept<T extends { close(): unknown }>(thing: T): T {
  closing.push(() => thing.close());
  return thing;
}
const keptLink = async <T extends FrameLink>(opening: Promise<T>): Promise<T> => kept(await opening);

async function datagramPeer(): Promise<DatagramSocket> {
  const peer = createSocket('udp4');
  closing.push(() => new Promise<void>((done) => peer.close(() => done())));
  peer.bind(0, HOST);
  await once(peer, 'listening');
  return peer;
}

async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4');
  socket.bind(0, HOST);
  await once(socket, 'listening');
  const { port } = socket.address();
  await new Promise<void>((done) => socket.close(() => done()));
  return port;
}

describe('a datagram link', () => {
  it('carries one frame a datagram both ways', async () => {
    const peer = await datagramPeer();
    const port = await freeUdpPort();
    const remote = `${HOST}:${String(peer.address().port)}`;
    const link = kept(await openLink(parseNet(`dgram:remote=${remote},local=localhost:${String(port)}`) as LinkOption));
    const received = once(peer, 'message');
    const frame = Buffer.from('to the world');
    link.send(frame);
    frame.fill(0);
    expect(String((await received)[0])).toBe('to the world');
    let calls = 0;
    link.onFrame = () => calls++;
    peer.send('first', port, HOST);
    peer.send('second', port, HOST);
    await until(() => calls === 2);
    expect(link.hasFrames).toBe(true);
    expect(texts(link.take(1))).toEqual(['first']);
    expect(texts(link.take(9))).toEqual(['second']);
    expect(link.counts).toEqual({ sent: 1, received: 2, dropped: 0, refused: 0 });
  });

  it('takes frames of its peer only', async () => {
    const [peer, stranger] = [await datagramPeer(), await datagramPeer()];
    const port = await freeUdpPort();
    const link = await keptLink(DatagramLink.open({ host: HOST, port }, { host: HOST, port: peer.address().port }));
    stranger.send('stranger', port, HOST);
    await new Promise((resolve) => setTimeout(resolve, 30));
    peer.send('peer', port, HOST);
    await until(() => link.hasFrames);
    expect(texts(link.take(9))).toEqual(['peer']);
  });

  it('counts what it must drop, and lives on without a peer', async () => {
    const [port, nobody] = [await freeUdpPort(), await freeUdpPort()];
    const link = await keptLink(DatagramLink.open({ host: HOST, port }, { host: HOST, port: nobody }));
    link.send(new Uint8Array(MAX_FRAME_BYTES));
    expect(link.counts.dropped).toBe(1);
    for (let i = 0; i < 5; i++) {
      link.send(new Uint8Array(60));
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(link.state).toBe('up');
    await link.close();
    link.send(new Uint8Array(60));
    expect(link.counts.dropped).toBeGreaterThanOrEqual(2);
  });

  it('holds a bounded number of frames', async () => {
    const peer = await datagramPeer();
    const port = await freeUdpPort();
    const link = await keptLink(DatagramLink.open({ host: HOST, port }, { host: HOST, port: peer.address().port }));
    for (let i = 0; i < QUEUE_FRAMES + 50; i++) {
      await new Promise((sent) => peer.send(String(i), port, HOST, sent));
      if (i % 50 === 49) await until(() => link.counts.received + link.counts.refused === i + 1);
    }
    await until(() => link.counts.received + link.counts.refused === QUEUE_FRAMES + 50);
    expect(link.counts.refused).toBe(50);
    expect(link.take(9999)).toHaveLength(QUEUE_FRAMES);
  });

  it('names the port that is in use, and a host without address', async () => {
    const peer = await datagramPeer();
    const { port } = peer.address();
    await expect(DatagramLink.open({ host: HOST, port }, { host: HOST, port: 9 })).rejects.toMatchObject({
      status: STATUS.unavailable,
      message: `UDP port ${String(port)} of 127.0.0.1 is in use: choose another.`,
    });
    await expect(DatagramLink.open({ host: '192.0.2.1', port: 7777 }, { host: HOST, port: 9 })).rejects.toThrow(
      /no address of this host/,
    );
    await expect(DatagramLink.open({ host: 'no-such-host.invalid', port: 1 }, { host: HOST, port: 9 })).rejects.toThrow(
      /has no address/,
    );
  });
});

describe('framing', () => {
  it('finds the same frames however the stream is cut', () => {
    const frames = fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { maxLength: 12 });
    fc.assert(
      fc.property(frames, fc.array(fc.nat(9), { maxLength: 80 }), (sent, cuts) => {
        const bytes = Buffer.concat(sent.map(framed));
        const got: Uint8Array[] = [];
        const deframer = new Deframer();
        let at = 0;
        for (const cut of [...cuts, bytes.length]) {
          expect(deframer.push(bytes.subarray(at, at + cut), (frame) => got.push(frame))).toBeUndefined();
          at += cut;
        }
        expect(got.map((frame) => Buffer.from(frame).toString('hex'))).toEqual(
          sent.map((frame) => Buffer.from(frame).toString('hex')),
        );
      }),
      { seed: 7, numRuns: 300 },
    );
  });

  it('takes the largest frame and answers the length of a larger one', () => {
    const got: number[] = [];
    const accept = (frame: Uint8Array): number => got.push(frame.length);
    expect(new Deframer().push(framed(new Uint8Array(MAX_FRAME_BYTES)), accept)).toBeUndefined();
    expect(got).toEqual([MAX_FRAME_BYTES]);
    expect(new Deframer().push(new Uint8Array([0, 1, 0, 27]), accept)).toBe(MAX_FRAME_BYTES + 1);
    expect(new Deframer().push(new Uint8Array([0xff, 0xff, 0xff, 0xff, 1]), accept)).toBe(0xffff_ffff);
    expect(new Deframer().push(new Uint8Array([0, 0, 0, 0, 0, 0, 0, 1, 9]), accept)).toBeUndefined();
    expect(got).toEqual([MAX_FRAME_BYTES, 1]);
  });
});

interface TestServer {
  readonly server: Server;
  readonly sockets: Socket[];
  readonly port: number;
}
async function serve(port = 0): Promise<TestServer> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
  });
  server.listen(port, HOST);
  await once(server, 'listening');
  closing.push(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((done) => server.close(done));
  });
  return { server, sockets, port: (server.address() as AddressInfo).port };
}

function framesOf(socket: Socket): string[] {
  const got: string[] = [];
  const deframer = new Deframer();
  socket.on('data', (bytes) => deframer.push(bytes, (frame) => got.push(Buffer.from(frame).toString())));
  return got;
}

describe('a stream link that connects', () => {
  it('carries frames both ways', async () => {
    const { sockets, port } = await serve();
    const link = kept(await openLink(parseNet(`stream:${HOST}:${String(port)}`) as LinkOption));
    await until(() => sockets.length === 1);
    const got = framesOf(sockets[0]);
    link.send(Buffer.from('one'));
    link.send(Buffer.from('two'));
    await until(() => got.length === 2);
    expect(got).toEqual(['one', 'two']);
    for (const byte of framed(Buffer.from('slowly'))) sockets[0]?.write(Uint8Array.of(byte));
    await until(() => link.hasFrames);
    expect(texts(link.take(5))).toEqual(['slowly']);
  });

  it('writes frames at once that are sent together, and waits in vain for none', async () => {
    const { sockets, port } = await serve();
    const link = kept(await openLink(parseNet(`stream:${HOST}:${String(port)}`) as LinkOption));
    await until(() => sockets.length === 1);
    let pieces = 0;
    sockets[0]?.on('data', () => pieces++);
    const got = framesOf(sockets[0]);
    for (let n = 1; n < 50; n++) link.send(Buffer.from(`${String(n)}`), true);
    link.send(Buffer.from('50'));
    await until(() => got.length === 50);
    expect(got).toEqual(Array.from({ length: 50 }, (_, n) => String(n + 1)));
    expect(pieces).toBe(1);
    link.send(Buffer.from('others follow, it seems'), true);
    await until(() => got.length === 51);
  });

  it('ends a connection that is out of step, with one sentence, and calls again', async () => {
    const { sockets, port } = await serve();
    const link = await keptLink(ConnectingLink.open({ host: HOST, port }));
    const notices: string[] = [];
    link.onNotice = (sentence) => notices.push(sentence);
    await until(() => sockets.length === 1);
    sockets[0]?.write(Uint8Array.of(0x7f, 0xff, 0xff, 0xff));
    await until(() => sockets.length === 2);
    expect(notices[0]).toBe(
      `stream 127.0.0.1:${String(port)} sent a frame of 2147483647 bytes, which is no Ethernet frame: its connection was closed.`,
    );
    sockets[1]?.write(framed(Buffer.from('again')));
    await until(() => link.hasFrames);
    expect(texts(link.take(5))).toEqual(['again']);
  });

  it('returns to a peer that was away, and drops a frame that was cut in two', async () => {
    const first = await serve();
    const link = await keptLink(ConnectingLink.open({ host: HOST, port: first.port }));
    const notices: string[] = [];
    link.onNotice = (sentence) => notices.push(sentence);
    await until(() => first.sockets.length === 1);
    first.sockets[0]?.write(framed(Buffer.from('half of a frame')).subarray(0, 9));
    await new Promise((resolve) => setTimeout(resolve, 20));
    first.sockets[0]?.destroy();
    await new Promise((done) => first.server.close(done));
    await until(() => link.state === 'down');
    link.send(Buffer.from('lost'));
    expect(link.counts.dropped).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 120));
    const second = await serve(first.port);
    await until(() => link.state === 'up');
    second.sockets[0]?.write(framed(Buffer.from('whole')));
    await until(() => link.hasFrames);
    expect(texts(link.take(5))).toEqual(['whole']);
    expect(notices).toEqual([
      expect.stringMatching(/ has gone; it may come back\.$/),
      expect.stringMatching(/ is back\.$/),
    ]);
  });

  it('calls again a peer that takes it and drops it, ever less often, and tells of it once', async () => {
    const first = await serve();
    const link = await keptLink(ConnectingLink.open({ host: HOST, port: first.port }));
    const notices: string[] = [];
    link.onNotice = (sentence) => notices.push(sentence);
    const calls: number[] = [];
    first.server.on('connection', (socket) => {
      calls.push(performance.now());
      // The fourth one it keeps.
      if (calls.length < 4) socket.destroy();
    });
    await until(() => first.sockets.length === 1);
    first.sockets[0]?.destroy();
    await until(() => calls.length === 4);
    const pauses = calls.slice(1).map((time, i) => time - calls[i]);
    expect(pauses[0]).toBeGreaterThan(150);
    expect(pauses[1]).toBeGreaterThan(350);
    expect(pauses[2]).toBeLessThan(2500);
    await until(() => notices.length === 2);
    expect(notices.at(-1)).toMatch(/is back\.$/);
    expect(link.state).toBe('up');
  });

  it('drops and counts when the peer does not read', async () => {
    const { sockets, port } = await serve();
    const link = await keptLink(ConnectingLink.open({ host: HOST, port }));
    await until(() => sockets.length === 1);
    sockets[0]?.pause();
    for (let i = 0; i < 400; i++) link.send(new Uint8Array(60_000));
    expect(link.counts.dropped).toBeGreaterThan(0);
    expect(link.counts.sent + link.counts.dropped).toBe(400);
  });

  it('holds a fast peer back and loses nothing', async () => {
    const { sockets, port } = await serve();
    const link = await keptLink(ConnectingLink.open({ host: HOST, port }));
    await until(() => sockets.length === 1);
    const total = QUEUE_FRAMES * 5;
    for (let i = 0; i < total; i++) sockets[0]?.write(framed(Buffer.from(String(i).padEnd(1500))));
    await new Promise((resolve) => setTimeout(resolve, 50));
    const got: string[] = [];
    while (got.length + link.counts.refused < total) {
      got.push(...texts(link.take(64)));
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(link.counts.refused).toBe(0);
    expect(got.map(Number)).toEqual(Array.from({ length: total }, (_, i) => i));
  });

  it('says who is not there', async () => {
    const { server, port } = await serve();
    await new Promise((done) => server.close(done));
    await expect(ConnectingLink.open({ host: HOST, port })).rejects.toMatchObject({
      status: STATUS.unavailable,
      message: `Nobody listens at 127.0.0.1:${String(port)}: start its server first.`,
    });
    await expect(ConnectingLink.open({ path: '/nowhere/socket' })).rejects.toThrow(
      'There is no socket /nowhere/socket',
    );
  });

  it('stops calling when it is closed', async () => {
    const { server, sockets, port } = await serve();
    const link = await ConnectingLink.open({ host: HOST, port });
    await until(() => sockets.length === 1);
    sockets[0]?.destroy();
    await until(() => link.state === 'down');
    await link.close();
    expect(link.state).toBe('closed');
    await new Promise((resolve) => setTimeout(resolve, 120));
    expect(sockets).toHaveLength(1);
    server.unref();
  });
});

describe('a stream link that listens', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'vmft-link-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('serves one peer after the other on a Unix socket', async () => {
    const path = join(folder, 's');
    const link = kept(await openLink(parseNet(`stream:listen:${path}`) as LinkOption));
    expect(link.state).toBe('connecting');
    link.send(Buffer.from('nobody there'));
    expect(link.counts.dropped).toBe(1);

    const first = connect(path);
    await until(() => link.state === 'up');
    const got = framesOf(first);
    link.send(Buffer.from('hello'));
    await until(() => got.length === 1);

    const second = connect(path);
    second.on('error', () => undefined);
    await once(second, 'close');
    first.write(framed(Buffer.from('still here')));
    await until(() => link.hasFrames);
    expect(texts(link.take(5))).toEqual(['still here']);

    first.destroy();
    await until(() => link.state === 'down');
    const third = connect(path);
    third.write(framed(Buffer.from('third')));
    await until(() => link.hasFrames);
    expect(texts(link.take(5))).toEqual(['third']);
    third.destroy();
    await link.close();
    expect(existsSync(path)).toBe(false);
  });

  it('joins two links of our own', async () => {
    const path = join(folder, 's');
    const a = await keptLink(ListeningLink.open({ path }));
    const b = await keptLink(ConnectingLink.open({ path }));
    await until(() => a.state === 'up');
    a.send(Buffer.from('to b'));
    b.send(Buffer.from('to a'));
    await until(() => a.hasFrames && b.hasFrames);
    expect([texts(a.take(1)), texts(b.take(1))]).toEqual([['to a'], ['to b']]);
  });

  it('names the port or the socket that is in use', async () => {
    const { port } = await serve();
    await expect(ListeningLink.open({ host: HOST, port })).rejects.toMatchObject({
      status: STATUS.unavailable,
      message: `TCP port ${String(port)} of 127.0.0.1 is in use: choose another.`,
    });
    const path = join(folder, 's');
    await keptLink(ListeningLink.open({ path }));
    await expect(ListeningLink.open({ path })).rejects.toThrow(`The socket ${path} is in use`);
  });
});
