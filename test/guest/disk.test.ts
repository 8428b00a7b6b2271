/** A guest with a disk, recorded and replayed in every mode; what it has written is state that is digested, kept and told. */
import type { DiskEntry, Entry } from '../../src/log/entry.js';
import type { Machine } from '../../src/machine/machine.js';
import { CLUSTER_BYTES } from '../../src/machine/overlay.js';
import { findDivergence } from '../../src/replay/diff.js';
import { StateDigest } from '../../src/replay/digest.js';
import { DirtyPages } from '../../src/replay/dirty-pages.js';
import { loadHash } from '../../src/replay/hash.js';
import { diffJson } from '../../src/replay/report-json.js';
import { diffText } from '../../src/replay/report.js';
import { restoreSaved, saveState, Snapshot } from '../../src/replay/snapshot.js';
import { DISK_WORLDS } from './guests.js';
import { entriesOf, withEntries } from './replay-faults.js';
import { consoleText, imagesOf, record, replay, sideOf } from './replay-rig.js';
import type { Fault, MadeRecording } from './replay-rig.js';

const [SNAPSHOT, LOGGED, WRITTEN] = DISK_WORLDS;
const isDone = (entry: Entry): entry is DiskEntry => entry.type === 'disk';

describe('a disk', () => {
  it.each([
    ['a snapshot', SNAPSHOT],
    ['its reads in the log', LOGGED],
    ['the image written', WRITTEN],
  ])('replays as it was recorded: %s', async (_name, world) => {
    const made = await record('disk', { ...world, digestDistance: 1000 });
    expect(made.run).toMatchObject({ reason: 'power-off', status: 0 });
    expect(consoleText(made.outputs)).toMatch(/^disk: 320 sectors\n.*checksum.*read \d+, written \d+.*checksum/s);
    const { result, outputs } = await replay(made);
    expect([result.ended, result.digests]).toEqual(['whole', Math.floor(made.run.position / 1000) + 2]);
    expect(outputs).toEqual(made.outputs);
    const reads = (await entriesOf(made)).filter((entry) => isDone(entry) && entry.data.length > 0);
    expect(reads.length > 0).toBe(world !== SNAPSHOT);
  });

  it('has requests in flight that end in any order', async () => {
    const entries = await entriesOf(await record('disk', SNAPSHOT));
    expect(Math.max(...entries.filter(isDone).map(({ request }) => request))).toBeGreaterThan(1);
  });

  it('that fails fails again', async () => {
    const made = await record('disk', { ...SNAPSHOT, ailing: true });
    expect(consoleText(made.outputs)).toContain('has status 1, not 0');
    expect((await replay(made)).result).toMatchObject({ ended: 'whole', status: 2 });
  });

  it('of another content is noticed by the guest or by a digest', async () => {
    const made = await record('disk', { ...SNAPSHOT, digestDistance: 10_000 });
    const image = SNAPSHOT.disks?.get(0)?.image.slice() ?? new Uint8Array(0);
    image[77_777] ^= 4;
    const images = imagesOf(new Map([[0, { image }]]));
    await expect(replay({ ...made, images })).rejects.toThrow('the state is not what was recorded');
  });
});

describe('what was written', () => {
  let made: MadeRecording;
  let machine: Machine;
  beforeAll(async () => {
    made = await record('disk', { ...SNAPSHOT, digestDistance: 100_000 });
    machine = (await replay(made)).machine;
  });

  it('is part of the digest, to the last bit', async () => {
    const hash = await loadHash();
    const pages = new DirtyPages(machine);
    const digest = new StateDigest(machine, pages.consumer(), hash);
    const whole = digest.take();
    const [overlay] = machine.overlays;
    const [number, cluster] = [...overlay.clusters][3];
    const bytes = cluster.bytes.slice();
    bytes[CLUSTER_BYTES - 1] ^= 0x80;
    for (const other of [{ ...cluster, bytes }, { ...cluster, written: cluster.written ^ 1 }, undefined]) {
      overlay.put(number, other);
      expect(digest.take()).not.toBe(whole);
    }
    // The same cluster elsewhere is another state.
    overlay.put(number + 1000, cluster);
    expect(digest.take()).not.toBe(whole);
    overlay.put(number + 1000, undefined);
    overlay.put(number, { ...cluster, bytes: cluster.bytes.slice() });
    expect(digest.take()).toBe(whole);
    expect(new StateDigest(machine, new DirtyPages(machine).consumer(), hash).clusters.take()).toBe(
      digest.clusters.take(),
    );
  });

  it('comes back with a snapshot, and with a saved state', () => {
    const [overlay] = machine.overlays;
    const before = new Map(overlay.clusters);
    const snapshot = new Snapshot(machine, new DirtyPages(machine).consumer());
    const saved = saveState(machine);
    const spoil = (): void => {
      const [first, second] = [...overlay.clusters.keys()];
      overlay.put(first, undefined);
      overlay.write(second * CLUSTER_BYTES, new Uint8Array(1024).fill(0xaa));
      overlay.write(5000 * CLUSTER_BYTES, new Uint8Array(512));
    };
    for (const restore of [() => snapshot.restore(), () => restoreSaved(machine, saved)]) {
      spoil();
      expect(new Map(overlay.clusters)).not.toEqual(before);
      restore();
      expect(new Map(overlay.clusters)).toEqual(before);
    }
  });

  it('is told where two machines differ in it, though nothing else does', async () => {
    // Behind the last request, so that the guest never meets it.
    const end = made.run.position - 1000;
    const fault: Fault = {
      position: end,
      strike: ({ overlays: [overlay] }) => {
        const [number, cluster] = [...overlay.clusters][2];
        const bytes = cluster.bytes.slice();
        const sector = Math.log2(cluster.written & -cluster.written);
        bytes[sector * 512 + 9] ^= 0xff;
        overlay.put(number, { ...cluster, bytes });
        overlay.write(9 * 2 ** 30, new Uint8Array(1024).fill(7));
      },
    };
    const report = await findDivergence(
      await sideOf(made, 'a.pb'),
      await sideOf(made, 'b.pb', fault),
      await loadHash(),
    );
    expect(report.found?.position).toBe(end);
    expect(report.found?.differences).toMatchObject({ fields: [], memory: [] });
    expect(report.found?.differences?.disks.map(({ values }) => values.map((value) => value?.length))).toEqual([
      [1, 1],
      [undefined, 1024],
    ]);
    expect(diffText(report)).toMatch(/disk in slot 0 at \d+ +[0-9a-f]{2} +[0-9a-f]{2}\n/);
    expect(diffText(report)).toMatch(/disk in slot 0 at 9663676416 \(1024 bytes\) +not written +07 07/);
    expect(JSON.stringify(diffJson(report))).toContain('"offset":9663676416,"values":[null,"0707');
  });

  it('leads to a difference that is named by the entry it comes from', async () => {
    const entries = await entriesOf(made);
    const writes = entries.filter((entry) => entry.type === 'output' && entry.kind === 'disk' && entry.length > 0);
    expect(writes.length).toBeGreaterThan(20);
    const at = entries.findIndex((entry, i) => i > 60 && isDone(entry));
    const failed = entries.map((entry, i) => (i === at ? { ...(entry as DiskEntry), status: 1 } : entry));
    const other = await withEntries(made, failed);
    const report = await findDivergence(await sideOf(made, 'a.pb'), await sideOf(other, 'b.pb'), await loadHash());
    expect(report.found?.position).toBe(entries[at].position);
    expect(diffText(report)).toContain('in slot 0 that failed');
  });
});
