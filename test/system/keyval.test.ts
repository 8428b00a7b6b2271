/** The key-value store on a real network and a real disk: recorded under load, judged by its clients, its log and a replay. */
import { createSocket, type Socket } from 'node:dgram';
import { readFileSync, writeFileSync } from 'node:fs';

import { Dice } from '../guest/replay-rig.js';
import { checkLog } from '../support/keyval-log.js';
import { Keyval, load } from '../support/keyval.js';
import { freePort, guest, pause, Running, vmft, workFolder } from '../support/vmft.js';

const work = workFolder();
afterAll(() => work.remove());

const CLIENTS = 4;
const MEBIBYTE = 2 ** 20;

/** A guest that is being recorded, and clients that reach it. */
class Recorded {
  static async start(name: string, { disk = 0, wire }: { disk?: number; wire?: Wire } = {}): Promise<Recorded> {
    const port = await freePort();
    const keyval = await Keyval.open([port]);
    if (wire !== undefined) wire.join(port, keyval.port);
    if (disk > 0) writeFileSync(work.path(`${name}.img`), Buffer.alloc(disk));
    const recording = new Running(
      ...['record', guest('keyval.elf'), '-o', work.path(`${name}.pb`)],
      ...(disk > 0 ? ['--disk', `${work.path(`${name}.img`)},mode=rw`] : []),
      ...['--net', `dgram:local=127.0.0.1:${port},remote=127.0.0.1:${wire?.port ?? keyval.port}`],
    );
    await recording.prints(/ready/);
    return new Recorded(name, recording, keyval);
  }

  private constructor(
    private readonly name: string,
    private readonly recording: Running,
    readonly keyval: Keyval,
  ) {}

  /** Makes requests, so many in all; `midway` is called once in the middle of them. */
  async ask(requests: number, midway?: () => void): Promise<void> {
    const dice = new Dice(requests);
    let made = 0;
    const more = (): boolean => {
      if (made === requests >> 1) midway?.();
      return made++ < requests;
    };
    await load(this.keyval, { clients: CLIENTS, roll: (sides) => dice.roll(sides), more });
  }

  /** Stops the guest, and answers what it has printed. */
  async stop(): Promise<string> {
    const again = setInterval(() => this.keyval.stop(), 100);
    const answer = await this.recording.ended;
    clearInterval(again);
    expect(answer).toMatchObject({ status: 0 });
    return answer.stdout;
  }

  /** Nothing was wrong with the answers, with what the disk holds, nor with a replay. */
  expectWell(): void {
    const { history } = this.keyval;
    history.audit();
    expect([history.contradictions, history.refused]).toEqual([[], []]);
    const replayed = vmft('replay', work.path(`${this.name}.pb`), '--json');
    expect(replayed).toMatchObject({ status: 0, stdout: this.recording.stdout });
    expect(replayed.stderr).toMatch(/"digests":[1-9]/);
  }

  /** What is wrong with the log on the disk, and how many records it has. */
  judgeLog(): { faults: string[]; records: number } {
    const { faults, records } = checkLog(readFileSync(work.path(`${this.name}.img`)), this.keyval.history.writes);
    return { faults, records: records.size };
  }

  end(): void {
    this.recording.process.kill('SIGKILL');
    this.keyval.close();
  }
}

/** A network between clients and guest that loses frames, doubles some and delays others; clients reach it at two ports. */
class Wire {
  private readonly dice = new Dice(77);
  private guest = 0;
  private clients = 0;
  lost = 0;

  static async open(): Promise<Wire> {
    return new Wire(await bound(), [await bound(), await bound()]);
  }

  private constructor(
    private readonly inner: Socket,
    private readonly outer: readonly Socket[],
  ) {
    inner.on('message', (frame) => this.pass(frame, inner, this.clients));
    for (const socket of outer) socket.on('message', (frame) => this.pass(frame, inner, this.guest));
  }

  /** The port that the guest's frames go to. */
  get port(): number {
    return this.inner.address().port;
  }

  /** The ports that the clients' go to. */
  get ports(): number[] {
    return this.outer.map((socket) => socket.address().port);
  }

  join(guest: number, clients: number): void {
    this.guest = guest;
    this.clients = clients;
  }

  /** Nothing gets through one of the clients' ports any more. */
  cut(number: number): void {
    this.outer[number].removeAllListeners('message');
  }

  close(): void {
    for (const socket of [this.inner, ...this.outer]) socket.close();
  }

  private pass(frame: Buffer, from: Socket, port: number): void {
    const fate = this.dice.roll(20);
    if (fate === 0) this.lost++;
    else if (fate === 1) setTimeout(() => from.send(frame, port, '127.0.0.1', () => undefined), 300);
    else from.send(frame, port, '127.0.0.1');
    if (fate === 2) from.send(frame, port, '127.0.0.1');
  }
}

function bound(): Promise<Socket> {
  const socket = createSocket('udp4');
  return new Promise((resolve) => socket.bind(0, '127.0.0.1', () => resolve(socket)));
}

it('answers four clients, each write once it is on the disk, and replays', async () => {
  const recorded = await Recorded.start('disk', { disk: 8 * MEBIBYTE });
  try {
    await recorded.keyval.ready();
    await recorded.ask(2000);
    // The guest runs still: what it has answered is there.
    expect(recorded.judgeLog().faults).toEqual([]);
    const { history } = recorded.keyval;
    const writes = history.writes.length;
    expect(history.answers).toBe(2000);
    expect(writes).toBeGreaterThan(1200);
    const printed = await recorded.stop();
    expect(printed).toMatch(/^keyval: ready ip=10\.0\.2\.15 port=7000 log=16384 sectors.*\nkeyval: 1000 writes at \d+/);
    expect(printed).toContain(`keyval: ${writes} writes of 45 keys in `);
    recorded.expectWell();
    expect(recorded.judgeLog()).toEqual({ faults: [], records: writes });
  } finally {
    recorded.end();
  }
});

it('keeps the last writes where the log is short', async () => {
  const recorded = await Recorded.start('short', { disk: 64 * 1024 });
  try {
    await recorded.ask(500);
    expect(recorded.judgeLog()).toEqual({ faults: [], records: 128 });
    await recorded.stop();
    recorded.expectWell();
  } finally {
    recorded.end();
  }
});

it('needs no disk', async () => {
  const recorded = await Recorded.start('diskless');
  try {
    await recorded.ask(500);
    expect(await recorded.stop()).toContain('log=0 sectors');
    recorded.expectWell();
  } finally {
    recorded.end();
  }
});

it('does everything once where frames are lost, come late or twice, and by other ways', async () => {
  const wire = await Wire.open();
  const recorded = await Recorded.start('lossy', { disk: MEBIBYTE, wire });
  const [first, second] = wire.ports;
  recorded.keyval.destinations = [first];
  let moved = false;
  try {
    await recorded.ask(400, () => {
      moved = true;
      wire.cut(0);
      setTimeout(() => (recorded.keyval.destinations = [first, second]), 500);
    });
    expect(moved).toBe(true);
    expect(wire.lost).toBeGreaterThan(10);
    expect(recorded.keyval.resent).toBeGreaterThan(wire.lost);
    expect(Math.max(...recorded.keyval.latencies)).toBeGreaterThan(500);
    expect(recorded.judgeLog().faults).toEqual([]);
    expect(await recorded.stop()).toMatch(/repeated [1-9]/);
    await pause(400);
    recorded.expectWell();
  } finally {
    recorded.end();
    wire.close();
  }
});

it('two recordings of the same requests differ: the guest has read the time', async () => {
  const images: Buffer[] = [];
  for (const name of ['one', 'other']) {
    const recorded = await Recorded.start(name, { disk: MEBIBYTE });
    try {
      await recorded.keyval.request('client', 'SET', 'key', 'value');
      await recorded.stop();
    } finally {
      recorded.end();
    }
    images.push(readFileSync(work.path(`${name}.img`)));
    expect(recorded.judgeLog()).toEqual({ faults: [], records: 1 });
  }
  expect(images[0].equals(images[1])).toBe(false);
});
