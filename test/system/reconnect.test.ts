/** Networks whose peer goes away and comes back: one of the test's own, and passt. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync } from 'node:fs';
import { createServer, type Server } from 'node:net';

import type { FrameLink } from '../../src/host/frames.js';
import { openLink } from '../../src/host/link.js';
import { arpRequest, datagram, StreamPeer } from '../support/frames.js';
import { guest, installed, pause, Running, vmft, workFolder } from '../support/vmft.js';

const work = workFolder();
afterAll(() => work.remove());

async function until(condition: () => boolean): Promise<void> {
  for (let waited = 0; !condition(); waited += 5) {
    if (waited > 20_000) throw new Error('it did not come to pass');
    await pause(5);
  }
}

it('a guest’s network is there again when its peer is', async () => {
  const path = work.path('peer.socket');
  const listen = (): Promise<{ server: Server; peer: Promise<StreamPeer> }> =>
    new Promise((listening) => {
      const server = createServer();
      const peer = new Promise<StreamPeer>((met) => server.once('connection', (socket) => met(new StreamPeer(socket))));
      server.listen(path, () => listening({ server, peer }));
    });
  const first = await listen();
  const recording = new Running('record', guest('echo.elf'), '-o', work.path('log.pb'), '--net', `stream:${path}`);
  try {
    await recording.prints(/ready/);
    const before = await first.peer;
    before.send(arpRequest());
    await until(() => before.frames.length === 1);
    first.server.close();
    before.close();
    await pause(1500);

    const second = await listen();
    const after = await second.peer;
    after.send(arpRequest());
    await until(() => after.frames.length === 1);
    after.send(datagram(9, Buffer.from('quit')));
    expect(await recording.ended).toMatchObject({ status: 0 });
    second.server.close();
  } finally {
    recording.process.kill('SIGKILL');
  }
  expect(recording.stderr.match(/has gone/g)).toHaveLength(1);
  expect(recording.stderr.match(/is back/g)).toHaveLength(1);
  expect(vmft('replay', work.path('log.pb'))).toMatchObject({ status: 0, stdout: recording.stdout });
});

/** An ARP request of the guest's, as passt answers it for every address but the guest's. */
function question(): Buffer {
  const frame = arpRequest();
  frame.set([10, 0, 2, 99], 38);
  return frame;
}

/** Asks until there is an answer: passt learns of a client only when it reads. */
async function answered(link: FrameLink): Promise<Uint8Array> {
  for (let attempt = 0; attempt < 40; attempt++) {
    link.send(question());
    for (let waited = 0; waited < 250; waited += 5) {
      const reply = link.take(64).find((frame) => frame[12] === 8 && frame[13] === 6 && frame[21] === 2);
      if (reply !== undefined) return reply;
      await pause(5);
    }
  }
  throw new Error('passt does not answer');
}

(installed('passt') ? it : it.skip)(
  'passt is called again when it was killed, and one that has a client is called until it has none',
  async () => {
    // As root it becomes "nobody", who needs to be let in.
    const folder = work.path('passt');
    mkdirSync(folder);
    chmodSync(folder, 0o777);
    spawnSync('chmod', ['711', work.path('.')]);
    const path = `${folder}/passt.socket`;
    let passt: ChildProcess | undefined;
    const start = async (): Promise<void> => {
      passt = spawn('passt', ['--foreground', '--quiet', '--socket', path], { stdio: 'ignore' });
      await until(() => existsSync(path));
    };
    const kill = async (): Promise<void> => {
      const ended = new Promise((done) => passt?.once('close', done));
      passt?.kill('SIGKILL');
      await ended;
    };
    const links: FrameLink[] = [];
    const open = async (notices: string[]): Promise<FrameLink> => {
      const link = await openLink({ kind: 'stream', listen: false, address: { path } });
      link.onNotice = (sentence) => notices.push(sentence);
      links.push(link);
      return link;
    };
    try {
      await start();
      const notices: string[] = [];
      const link = await open(notices);
      expect((await answered(link)).subarray(28, 32)).toEqual(new Uint8Array([10, 0, 2, 99]));
      await kill();
      await until(() => link.state === 'down');
      link.send(question());
      expect(link.counts.dropped).toBe(1);
      await start();
      await answered(link);
      expect(notices.map((sentence) => /has gone|is back/.exec(sentence)?.[0])).toEqual(['has gone', 'is back']);

      // A second client is taken and dropped, until the first has gone.
      const others: string[] = [];
      const other = await open(others);
      await until(() => others.length === 1);
      await pause(1000);
      expect(others).toHaveLength(1);
      await link.close();
      await answered(other);
      expect(others.map((sentence) => /has gone|is back/.exec(sentence)?.[0])).toEqual(['has gone', 'is back']);
    } finally {
      for (const link of links) await link.close();
      await kill();
    }
  },
);
