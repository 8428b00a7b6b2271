/**
 * The echo guest on real networks: a UDP client of the host's own, whose packets come through the network stack of a
 * QEMU process (ARP, IP, UDP by other hands) at the other end of `dgram:`; and a peer on `stream:` that speaks frames.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { freePort, guest, installed, pause, Running, vmft, workFolder } from '../support/vmft.js';

const work = workFolder();
afterAll(() => work.remove());

const whenInstalled = installed('qemu-system-riscv64') && installed('tshark') ? it : it.skip;

/** Sends each message and waits for its echo, again where it is lost; answers how many came back unchanged. */
async function echoes(port: number, messages: readonly Buffer[]): Promise<number> {
  const socket = createSocket('udp4');
  let equal = 0;
  try {
    for (const message of messages) {
      for (let attempt = 0; attempt < 10; attempt++) {
        const reply = new Promise<Buffer | undefined>((resolve) => {
          const timer = setTimeout(() => resolve(undefined), 1000);
          socket.once('message', (data) => {
            clearTimeout(timer);
            resolve(data);
          });
        });
        socket.send(message, port, '127.0.0.1');
        if ((await reply)?.equals(message) === true) {
          equal++;
          break;
        }
      }
    }
  } finally {
    socket.close();
  }
  return equal;
}

function quit(port: number): Promise<void> {
  const socket = createSocket('udp4');
  return new Promise((resolve) =>
    socket.send('quit', port, '127.0.0.1', () => {
      socket.close();
      resolve();
    }),
  );
}

describe('echo', () => {
  whenInstalled('answers a UDP client through QEMU, and replays', async () => {
    const [here, there, echo, control] = await Promise.all([freePort(), freePort(), freePort(), freePort()]);
    const recording = new Running(
      ...['record', guest('echo.elf'), '-o', work.path('udp.pb'), '--pcap-out', work.path('udp.pcap')],
      ...['--net', `dgram:local=127.0.0.1:${here},remote=127.0.0.1:${there}`],
    );
    let qemu: ChildProcess | undefined;
    try {
      await recording.prints(/ready/);
      qemu = spawn('qemu-system-riscv64', [
        ...['-M', 'none', '-display', 'none', '-serial', 'none', '-monitor', 'none'],
        ...[
          '-netdev',
          `user,id=user,hostfwd=udp:127.0.0.1:${echo}-10.0.2.15:7,hostfwd=udp:127.0.0.1:${control}-10.0.2.15:9`,
        ],
        '-netdev',
        `dgram,id=link,local.type=inet,local.host=127.0.0.1,local.port=${there},remote.type=inet,remote.host=127.0.0.1,remote.port=${here}`,
        ...['-netdev', 'hubport,id=a,hubid=0,netdev=user', '-netdev', 'hubport,id=b,hubid=0,netdev=link'],
      ]);
      await pause(1000);
      const messages = Array.from({ length: 60 }, (_, i) => Buffer.alloc(1 + ((i * 23) % 1400), `message ${i} `));
      expect(await echoes(echo, messages)).toBe(60);
      await quit(control);
      expect(await recording.ended).toMatchObject({ status: 0 });
    } finally {
      qemu?.kill('SIGKILL');
      recording.process.kill('SIGKILL');
    }

    const replayed = vmft('replay', work.path('udp.pb'), '--pcap-out', work.path('udp-replayed.pcap'));
    expect(replayed).toMatchObject({ status: 0, stdout: recording.stdout });
    expect(readFileSync(work.path('udp-replayed.pcap')).equals(readFileSync(work.path('udp.pcap')))).toBe(true);

    const tshark = spawnSync(
      'tshark',
      ['-r', work.path('udp.pcap'), '-Y', 'udp.port == 7', '-T', 'fields', '-e', 'udp.length'],
      {
        encoding: 'utf8',
      },
    );
    expect(tshark.stdout.trim().split('\n').length).toBeGreaterThanOrEqual(120);
    const malformed = spawnSync(
      'tshark',
      ['-r', work.path('udp.pcap'), '-Y', '_ws.malformed || ip.checksum.status == 0'],
      {
        encoding: 'utf8',
      },
    );
    expect(malformed.stdout).toBe('');
  });

  it('answers ARP and ping over a stream, and replays', async () => {
    const port = await freePort();
    const recording = new Running(
      ...['record', guest('echo.elf'), '-o', work.path('ping.pb'), '--net', `stream:listen:127.0.0.1:${port}`],
    );
    try {
      await recording.prints(/ready/);
      const peer = await FramePeer.to(port);
      const [arp] = await peer.ask(arpRequest());
      expect(arp?.subarray(12, 14)).toEqual(Buffer.from([0x08, 0x06]));
      expect(arp?.subarray(20, 22)).toEqual(Buffer.from([0, 2])); // a reply
      const mac = arp?.subarray(6, 12) ?? Buffer.alloc(6);

      const [pong] = await peer.ask(ping(mac, 0));
      expect(pong?.[34]).toBe(0); // echo reply
      expect(checksum(pong?.subarray(34) ?? Buffer.alloc(0))).toBe(0);
      expect(pong?.subarray(38)).toEqual(ping(mac, 0).subarray(38));

      const burst = await peer.ask(Buffer.concat([1, 2, 3, 4, 5].map((n) => framed(ping(mac, n)))), 5);
      expect(burst.map((frame) => frame.readUInt16BE(40))).toEqual([1, 2, 3, 4, 5]);
      peer.close();
    } finally {
      recording.process.kill('SIGINT');
    }
    expect((await recording.ended).status).toBe(130);
    expect(vmft('replay', work.path('ping.pb'))).toMatchObject({ status: 0 });
  });
});

const US = Buffer.from([0x02, 0, 0, 0, 0, 1]);
const OUR_IP = Buffer.from([10, 0, 2, 2]);
const GUEST_IP = Buffer.from([10, 0, 2, 15]);

function arpRequest(): Buffer {
  const head = Buffer.from('0806000108000604' + '0001', 'hex');
  return Buffer.concat([Buffer.alloc(6, 0xff), US, head, US, OUR_IP, Buffer.alloc(6), GUEST_IP, Buffer.alloc(18)]);
}

/** RFC 1071. */
function checksum(data: Buffer): number {
  let sum = 0;
  for (let i = 0; i < data.length; i += 2) sum += i + 1 < data.length ? data.readUInt16BE(i) : data.readUInt8(i) << 8;
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

function ping(mac: Buffer, sequence: number): Buffer {
  const icmp = Buffer.alloc(64, 0x61);
  icmp.writeUInt32BE(0x0800_0000, 0);
  icmp.writeUInt16BE(77, 4);
  icmp.writeUInt16BE(sequence, 6);
  icmp.writeUInt16BE(checksum(icmp), 2);
  const ip = Buffer.from([0x45, 0, 0, 84, 0, sequence, 0, 0, 64, 1, 0, 0, ...OUR_IP, ...GUEST_IP]);
  ip.writeUInt16BE(checksum(ip), 10);
  return Buffer.concat([mac, US, Buffer.from([0x08, 0x00]), ip, icmp]);
}

function framed(frame: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(frame.length);
  return Buffer.concat([length, frame]);
}

/** A peer that speaks QEMU's stream framing. */
class FramePeer {
  private received = Buffer.alloc(0);
  private frames: Buffer[] = [];

  private constructor(private readonly socket: Socket) {
    socket.on('data', (data) => {
      this.received = Buffer.concat([this.received, Buffer.from(data)]);
      while (this.received.length >= 4 && this.received.length >= 4 + this.received.readUInt32BE(0)) {
        const end = 4 + this.received.readUInt32BE(0);
        this.frames.push(this.received.subarray(4, end));
        this.received = this.received.subarray(end);
      }
    });
  }

  static to(port: number): Promise<FramePeer> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => resolve(new FramePeer(socket)));
      socket.on('error', reject);
    });
  }

  /** Sends one frame, or several that are framed already, and waits for as many answers. */
  async ask(frame: Buffer, answers = 1): Promise<Buffer[]> {
    this.frames = [];
    this.socket.write(answers > 1 ? frame : framed(frame));
    for (let waited = 0; this.frames.length < answers && waited < 10_000; waited += 5) await pause(5);
    return this.frames;
  }

  close(): void {
    this.socket.destroy();
  }
}
