/** Kernels, firmware and ramdisks as users name them: what boots, what a log keeps of it, and what is refused how. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

import { summaryOf, Workshop } from './command-rig.js';

const shop = new Workshop();
afterAll(() => shop.remove());

/** A file of 4 KiB with texts at offsets. */
function make(name: string, ...texts: [at: number, text: string][]): void {
  const bytes = Buffer.alloc(4096, 0xff);
  for (const [at, text] of texts) bytes.write(text, at, 'latin1');
  writeFileSync(shop.path(name), bytes);
}

beforeAll(() => {
  const kernel = readFileSync(new URL('../../fixtures/guests/prebuilt/supervisor.bin', import.meta.url));
  writeFileSync(shop.path('Image'), kernel);
  const packed = gzipSync(kernel);
  writeFileSync(shop.path('Image.gz'), packed);
  writeFileSync(shop.path('cut.gz'), packed.subarray(0, 1000));
  const stub = Buffer.alloc(4096 + packed.length);
  stub.write('MZ');
  stub.write('zimg', 4);
  stub.writeUInt32LE(4096, 8);
  stub.writeUInt32LE(packed.length, 12);
  stub.write('gzip', 24);
  stub.set(packed, 4096);
  writeFileSync(shop.path('vmlinuz'), stub);
  stub.fill(0, 24, 56).write('zstd22', 24);
  writeFileSync(shop.path('vmlinuz.zstd'), stub);
  make('Image.arm64', [0, 'MZ'], [0x38, 'ARM\x64']);
  make('bzImage', [0, 'MZ'], [0x202, 'HdrS']);
  make('initrd', [0, '070701']);
  make('spin.bin', [0, 'o\0\0\0']);
  writeFileSync(shop.path('large'), Buffer.alloc(8 * 2 ** 20));
  writeFileSync(shop.path('empty'), '');
  writeFileSync(shop.path('text.txt'), 'no firmware\n'.repeat(20));
});

describe('a kernel', () => {
  it.each(['Image', 'Image.gz', 'vmlinuz'])('boots on the built-in SBI from %s', (name) => {
    const { status, stdout, stderr } = shop.run(`$VMFT run ${name} -q`);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^supervisor 0 1 0\nspecification 0 2 0\n(.+\n)+reset refuses -3 -3\n$/);
  });

  it('ends with status 1 where it asks for a reset for a failure', () => {
    expect(shop.run('$VMFT run $G/supervisor-failing.bin -q').status).toBe(1);
  });

  it('starts again where it asks for that', () => {
    const { status, stdout } = shop.run('$VMFT run $G/supervisor-rebooting.bin -q');
    expect(status).toBe(0);
    expect(stdout.match(/^supervisor/gm)).toHaveLength(1);
    expect(stdout).toMatch(/reset refuses -3 -3\nonce more\n$/);
  });
});

describe('a log of kernel and ramdisk', () => {
  const RECORD = '$VMFT record vmlinuz --initrd initrd --append "quiet splash" -q';

  it('holds both, as they are in their files, and shows them', () => {
    const recorded = shop.run(`${RECORD} -o both.pb`);
    expect(recorded.status).toBe(0);
    expect(shop.run('$VMFT replay both.pb -q')).toMatchObject({ status: 0, stdout: recorded.stdout, stderr: '' });
    expect(shop.run('$VMFT diff both.pb').status).toBe(0);
    const text = shop.run('$VMFT inspect both.pb | head -n 20').stdout;
    expect(text).toMatch(/^kernel +vmlinuz, \d+ bytes, embedded, sha256 [0-9a-f]{64}$/m);
    expect(text).toMatch(/^initrd +initrd, 4096 bytes, embedded, sha256 [0-9a-f]{64}$/m);
    const [line = ''] = shop.run('$VMFT inspect both.pb --json').stdout.split('\n');
    expect(JSON.parse(line)).toMatchObject({
      type: 'header',
      images: [
        { role: 'kernel', name: 'vmlinuz', embedded: true },
        { role: 'initrd', name: 'initrd', size: 4096, embedded: true },
      ],
    });
  });

  it('or names both, and is replayed with both', () => {
    expect(shop.run(`${RECORD} --no-embed -o named.pb`).status).toBe(0);
    const text = shop.run('$VMFT inspect named.pb | head -n 20').stdout;
    expect(text).toMatch(/^initrd +initrd, 4096 bytes, sha256 /m);
    expect(shop.run('$VMFT replay named.pb -q --guest initrd --guest vmlinuz')).toMatchObject({
      status: 0,
      stderr: '',
    });
    const missing = shop.run('$VMFT replay named.pb --guest vmlinuz');
    expect(missing.status).toBe(65);
    expect(missing.words).toEqual([
      expect.stringMatching(
        /^vmft: named\.pb does not hold its initial ramdisk: name .* --guest \(initrd, SHA-256 \w{64}\)\.$/,
      ),
    ]);
    const wrong = shop.run('$VMFT replay named.pb --guest vmlinuz --guest large');
    expect(wrong.status).toBe(65);
    expect(wrong.words).toEqual([
      expect.stringMatching(
        /^vmft: large is no file of the guest that named\.pb .* is \w{64}, .* \(guest\), \w{64} \(initial ramdisk\)\.$/,
      ),
    ]);
  });

  it('with firmware holds three, whatever the firmware does', () => {
    expect(shop.run('$VMFT record Image --firmware spin.bin --initrd initrd -q --until 1000 -o three.pb').status).toBe(
      0,
    );
    expect(summaryOf(shop.run('$VMFT replay three.pb --json'))).toMatchObject({ ended: 'whole', instructions: 1000 });
    const text = shop.run('$VMFT inspect three.pb | head -n 20').stdout;
    expect(text).toMatch(/^kernel +Image, .*\nfirmware +spin\.bin, .*\ninitrd +initrd, /m);
    const [line = ''] = shop.run('$VMFT inspect three.pb --json').stdout.split('\n');
    const { images } = JSON.parse(line) as { images: { role: string }[] };
    expect(images.map(({ role }) => role)).toEqual(['kernel', 'firmware', 'initrd']);
  });
});

describe('what does not boot is one line and its status, and leaves no log', () => {
  it.each<[string, number, RegExp]>([
    ['Image --memory 2M', 65, /^Image does not fit into memory \(\d+ bytes too large for a memory of 2097152 bytes/],
    ['Image --memory 8M --initrd large', 65, /^large does not fit into memory \(\d+ bytes too large for what is left/],
    ['Image --memory 1G --initrd empty', 65, /^empty is empty: name an initial ramdisk, or leave --initrd out\.$/],
    ['Image --firmware empty', 65, /^empty is not firmware \(an empty file\): /],
    ['Image --firmware Image.gz', 65, /^Image\.gz is a Linux kernel, which needs firmware and is none: name it as the/],
    ['Image --firmware text.txt', 65, /^text\.txt is not firmware \(text\): name an ELF or flat binary for RISC-V 64/],
    [
      'Image --memory 16M --firmware large',
      65,
      /^large does not fit into memory \(it and the guest want the same memory\)/,
    ],
    ['Image.arm64', 65, /^Image\.arm64 is not a guest \(a Linux kernel for AArch64\): /],
    ['bzImage', 65, /^bzImage is not a guest \(a Linux kernel for x86\): /],
    [
      'vmlinuz.zstd',
      65,
      /^vmlinuz\.zstd is not a guest \(an EFI image compressed with zstd22: unpack its kernel first\): /,
    ],
    ['cut.gz', 65, /^cut\.gz is not a guest \(a damaged gzip file\): /],
    ['initrd', 65, /^initrd is not a guest \(a cpio archive: name an initial ramdisk with --initrd\): /],
    ['nowhere', 66, /^There is no file nowhere: check the path\.$/],
    ['Image --initrd nowhere', 66, /^There is no file nowhere: check the path\.$/],
    ['Image --firmware nowhere', 66, /^There is no file nowhere: check the path\.$/],
    ['Image --initrd .', 66, /^\. is a directory/],
    ['Image --initrd', 64, /^--initrd expects a value: see vmft record --help\.$/],
    ['Image --firmware', 64, /^--firmware expects a value: see vmft record --help\.$/],
  ])('record %s: %i', (args, expected, message) => {
    const { status, words, stdout } = shop.run(`$VMFT record -o refused.pb ${args}`);
    expect(words).toHaveLength(1);
    expect(words[0]?.replace(/^vmft: /, '')).toMatch(message);
    expect({ status, stdout }).toEqual({ status: expected, stdout: '' });
    expect(existsSync(shop.path('refused.pb'))).toBe(false);
  });

  it.each([
    ['--initrd', 'initrd', 'the initial ramdisk'],
    ['--firmware', 'spin.bin', 'the firmware'],
  ])('the log cannot be the file of %s', (flag, name, what) => {
    const before = readFileSync(shop.path(name));
    const { status, words } = shop.run(`$VMFT record Image ${flag} ${name} -f -o ./${name}`);
    expect(status).toBe(73);
    expect(words).toEqual([`vmft: ./${name} cannot be both ${what} and the log: name another file.`]);
    expect(readFileSync(shop.path(name)).equals(before)).toBe(true);
  });

  it('nothing else was left behind', () => {
    const logs = readdirSync(shop.folder).filter((name) => name.endsWith('.pb'));
    expect(logs.sort()).toEqual(['both.pb', 'named.pb', 'three.pb']);
  });
});
