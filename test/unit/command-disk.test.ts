/** Disks on the command line: recorded, replayed and compared in every mode, and all that can be wrong with an image. */
import { readFileSync, writeFileSync } from 'node:fs';

import { sha256 } from '../../src/host/guest-bytes.js';
import { summaryOf, Workshop } from './command-rig.js';

const shop = new Workshop();
afterAll(() => shop.remove());

const IMAGE = Uint8Array.from({ length: 300 * 512 }, (_, i) => (i * 2654435761) >>> 20);
const image = (name: string, bytes = IMAGE): void => writeFileSync(shop.path(name), bytes);
const bytesOf = (name: string): Buffer => readFileSync(shop.path(name));

beforeAll(() => {
  image('a.img');
  shop.run('$VMFT record $G/disk.elf --disk a.img -q -o snapshot.pb');
});

const wrong = (script: string): [status: number | null, words: string] => {
  const { status, words } = shop.run(script);
  return [status, words.join('\n')];
};

describe('a disk', () => {
  it.each([
    ['snapshot', 'a.img'],
    ['its reads in the log', 'a.img,log-reads'],
    ['the image written', 'w.img,mode=rw'],
    ['read only', 'a.img,ro'],
  ])('is recorded and replayed: %s', (name, disk) => {
    image('w.img');
    const written = disk.includes('rw');
    const log = `${name.replaceAll(' ', '-')}.pb`;
    const recorded = shop.run(`$VMFT record $G/disk.elf --disk ${disk} --json --digest-every 100000 -f -o ${log}`);
    expect(recorded.status).toBe(0);
    expect(recorded.stdout).toMatch(/^disk: 300 sectors/);
    expect(Buffer.compare(bytesOf('a.img'), IMAGE)).toBe(0);
    expect(Buffer.compare(bytesOf('w.img'), IMAGE) !== 0).toBe(written);
    if (disk.includes('log-reads') || written) shop.run('mv a.img away; mv w.img away2');
    const replayed = shop.run(`$VMFT replay ${log} --json`);
    shop.run('mv away a.img; mv away2 w.img');
    expect(replayed).toMatchObject({ status: 0, stdout: recorded.stdout });
    expect(summaryOf(replayed)).toMatchObject({ ended: 'whole' });
  });

  it('is in the header, and its entries are shown and counted', () => {
    const { stdout } = shop.run('$VMFT inspect snapshot.pb --type disk; $VMFT inspect snapshot.pb --stats --json');
    expect(stdout).toMatch(/^slot 0 +block, 153600 bytes, a snapshot of the image$/m);
    expect(stdout).toContain(`a.img in slot 0, 153600 bytes, sha256 ${sha256(IMAGE)}`);
    expect(stdout).toMatch(/^ +\d+ {2}disk {5}slot 0, request \d+ done$/m);
    expect(stdout).toMatch(/"disk":\{"entries":2\d\d,/);
  });

  it('is compared: with itself, and where the runs part', () => {
    expect(shop.run('$VMFT diff snapshot.pb').status).toBe(0);
    shop.run(
      '$VMFT record $G/disk.elf --disk a.img --clock virtual --entropy seed:01 -q -o one.pb --until 3000000; cp one.pb two.pb',
    );
    const same = shop.run('$VMFT diff one.pb two.pb');
    expect([same.status, same.stdout]).toEqual([0, expect.stringContaining('The runs are the same')]);
    shop.run('cp a.img b.img; printf x | dd of=b.img bs=1 seek=70000 conv=notrunc status=none');
    shop.run('$VMFT record $G/disk.elf --disk b.img --clock virtual --entropy seed:01 -q -o other.pb --until 3000000');
    expect(shop.run('$VMFT diff one.pb other.pb').stdout).toMatch(/differ in disks.*sha256/s);
    const forced = shop.run('$VMFT diff one.pb other.pb --force');
    expect(forced.status).toBe(1);
    expect(forced.stdout).toContain('The runs differ from position');
  });

  it('makes two recordings the same file where nothing comes from the host', () => {
    const record = (log: string): string =>
      `$VMFT record $G/disk.elf --disk a.img --clock virtual --entropy seed:01 -q -f -o ${log}`;
    expect(shop.run(`${record('x.pb')} && ${record('y.pb')} && cmp x.pb y.pb`).status).toBe(0);
  });

  it('may be one of several', () => {
    image('small.img', IMAGE.subarray(0, 32 * 512));
    const record = '$VMFT record $G/disk.elf --disk small.img --disk a.img -q -o two.pb -f';
    expect(shop.run(record).stdout).toMatch(/^disk: 32 sectors/);
    expect(shop.run('mv a.img c.img; $VMFT replay two.pb -q --disk c.img --disk small.img').status).toBe(0);
    expect(wrong('$VMFT replay two.pb -q --disk small.img')[0]).toBe(65);
    shop.run('mv c.img a.img');
  });
});

describe('an image that a replay needs', () => {
  it('is found by --disk', () => {
    expect(shop.run('mv a.img moved.img; $VMFT replay snapshot.pb -q --disk moved.img').status).toBe(0);
    expect(shop.run('$VMFT diff snapshot.pb --disk moved.img; s=$?; mv moved.img a.img; exit $s').status).toBe(0);
  });

  it('is missed in a sentence', () => {
    const [status, words] = wrong('mv a.img gone; $VMFT replay snapshot.pb -q; s=$?; mv gone a.img; exit $s');
    expect(status).toBe(66);
    expect(words).toMatch(/^vmft: snapshot\.pb needs the disk image a\.img, which is not there: name it with --disk/);
    expect(wrong('$VMFT replay snapshot.pb -q --disk nowhere')[0]).toBe(66);
  });

  it('is refused where it was changed, with both digests', () => {
    const changed = IMAGE.slice();
    changed[12345] ^= 1;
    image('changed.img', changed);
    const [status, words] = wrong('$VMFT replay snapshot.pb -q --disk changed.img');
    expect(status).toBe(65);
    expect(words).toBe(
      `vmft: changed.img is not the disk image that snapshot.pb was recorded with: its SHA-256 is ${sha256(changed)}, the log has ${sha256(IMAGE)}.`,
    );
    expect(wrong('$VMFT diff snapshot.pb --disk changed.img')[0]).toBe(2);
  });

  it('is told to have changed while it was recorded', () => {
    image('live.img');
    const { words } = shop.run(
      `( until [ -s live.pb ]; do sleep 0.02; done; printf x | dd of=live.img bs=1 conv=notrunc status=none ) &
       $VMFT record $G/disk-long.elf --disk live.img --time-limit 2s -q -o live.pb`,
    );
    expect(words).toEqual([expect.stringContaining('live.img was changed while it was recorded')]);
  });

  it('is not named where none is needed', () => {
    shop.run('$VMFT record $G/hello.elf -q -o hello.pb');
    expect(wrong('$VMFT replay hello.pb -q --disk a.img')).toEqual([64, expect.stringContaining('leave out --disk')]);
  });
});

describe('what is wrong with a disk', () => {
  it.each<[string, number, RegExp]>([
    ['--disk nowhere', 66, /There is no file nowhere/],
    ['--disk .', 66, /is a directory/],
    ['--disk odd.img', 65, /no multiple of 512/],
    ['--disk q.img', 65, /in the format qcow2: convert it to a raw image/],
    ['--disk a.img,mode=wild', 64, /mode is snapshot or rw/],
    ['--disk w.img --disk w.img,mode=rw', 64, /is the image of two disks/],
    ['--disk w.img,mode=rw -o w.img', 73, /cannot be both the disk and the log/],
    ['--disk a.img -o a.img', 73, /cannot be both the disk and the log/],
    ['--disk $G/disk.elf,mode=rw', 73, /cannot be both the disk and the guest/],
    [Array.from({ length: 7 }, () => '--disk a.img').join(' '), 64, /--disk can be given 6 times, not 7/],
    [
      '--net stream:listen:/tmp/x '.concat('--disk a.img '.repeat(6)),
      64,
      /--net and --disk .* 6 times together, not 7/,
    ],
  ])('%s', (flags, status, sentence) => {
    image('odd.img', IMAGE.subarray(1));
    image('w.img');
    writeFileSync(shop.path('q.img'), `QFI\xfb${'\0'.repeat(508)}`, 'latin1');
    const output = flags.includes(' -o ') ? '-f' : '-f -o wrong.pb';
    expect(wrong(`$VMFT record $G/disk.elf ${output} ${flags}`)).toEqual([status, expect.stringMatching(sentence)]);
  });

  it('a host without room: the guest meets I/O errors, and the replay too', () => {
    image('w.img');
    const recorded = shop.run(
      '(ulimit -f 64; $VMFT record $G/disk.elf --disk w.img,mode=rw -o -) | cat > full.pb; exit ${PIPESTATUS[0]}',
    );
    expect(recorded.stderr).toMatch(/disk: request of type 1 at sector \d+ has status 1, not 0/);
    expect(recorded.words.filter((line) => line.startsWith('vmft:'))).toEqual([
      'vmft: The disk image w.img cannot be written (EFBIG): the guest meets I/O errors.',
    ]);
    expect(recorded.status).toBe(2);
    const replayed = shop.run('$VMFT replay full.pb -q');
    expect([replayed.status, replayed.stdout]).toEqual([2, expect.stringContaining('has status 1, not 0')]);
  });
});
