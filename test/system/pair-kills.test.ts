/**
 * A service that survives the deaths of its hypervisors: clients of `keyval` write and check without pause while its
 * primary is killed at random moments, again and again. VMFT_KILLS says how often (20).
 */
import { readFileSync, writeFileSync } from 'node:fs';

import { Dice } from '../guest/replay-rig.js';
import { checkLog } from '../support/keyval-log.js';
import { Keyval, load } from '../support/keyval.js';
import { Pair } from '../support/pair.js';
import { freePort, guest, pause, workFolder } from '../support/vmft.js';

const KILLS = Number(process.env['VMFT_KILLS'] ?? 20);
const CLIENTS = 4;
const DISK = 2 ** 25;
/** Milliseconds for which a backup follows before its primary is killed, at most. */
const LONGEST = 400;

const work = workFolder();
afterAll(() => work.remove());

it(`loses no acknowledged write and contradicts no answer in ${KILLS} kills of one guest's primaries`, async () => {
  const dice = new Dice(KILLS);
  const port = await freePort();
  const keyval = await Keyval.open([port], { resend: 50 });
  const image = work.path('disk.img');
  writeFileSync(image, Buffer.alloc(DISK));
  const pair = new Pair({
    channel: work.path('channel'),
    guest: [guest('keyval.elf'), '--disk', `${image},mode=rw`],
    primary: ['--net', `dgram:local=127.0.0.1:${port},remote=127.0.0.1:${keyval.port}`],
  });
  try {
    await pair.primary.prints(/ready/);
    let over = false;
    const asked = load(keyval, { clients: CLIENTS, roll: (sides) => dice.roll(sides), more: () => !over });
    for (let kill = 0; kill < KILLS; kill++) {
      await pair.join();
      await pause(dice.roll(LONGEST));
      await pair.fail();
    }
    over = true;
    await asked;
    const again = setInterval(() => keyval.stop(), 100);
    const { status, stdout } = await pair.primary.ended;
    clearInterval(again);
    expect({ status, stdout }).toMatchObject({ status: 0 });
  } finally {
    await pair.end();
    keyval.close();
  }
  const { history } = keyval;
  history.audit();
  expect(history.contradictions).toEqual([]);
  expect(history.refused).toEqual([]);
  expect(history.writes.length).toBeGreaterThan(KILLS);
  expect(checkLog(readFileSync(image), history.writes).faults).toEqual([]);
  // Who lives on is the last of them.
  expect(pair.sides.length).toBe(KILLS + 1);
});
