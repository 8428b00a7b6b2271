/** Disks on the host: the option, what is taken for a raw image, requests, failures, flushes that take their time. */
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  chmodSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Disk } from '../../src/host/disk.js';
import { DiskFile } from '../../src/host/disk-file.js';
import { parseDisk, type DiskOption } from '../../src/host/disk-option.js';
import { Failure, STATUS } from '../../src/host/failure.js';
import type { DiskDemand } from '../../src/machine/environment.js';

const NOTHING = new Uint8Array(0);
const bytes = Uint8Array.from({ length: 8192 }, (_, i) => i >> 5);

let folder: string;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'vmft-disk-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const path = (name: string): string => join(folder, name);

function image(name: string, content: Uint8Array = bytes): string {
  writeFileSync(path(name), content);
  return path(name);
}

function failureOf(action: () => unknown): Failure {
  try {
    action();
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

const option = (name: string, more: Partial<DiskOption> = {}): DiskOption => {
  return { path: path(name), mode: 'snapshot', readOnly: false, logReads: false, ...more };
};
const read = (offset: number, length: number): DiskDemand => ({
  operation: 'read',
  offset,
  length,
  data: NOTHING,
  durable: false,
});
const write = (offset: number, data: Uint8Array, durable = false): DiskDemand => {
  return { operation: 'write', offset, length: data.length, data, durable };
};
const FLUSH: DiskDemand = { operation: 'flush', offset: 0, length: 0, data: NOTHING, durable: false };

describe('the option', () => {
  it.each<[string, DiskOption]>([
    ['a.img', { path: 'a.img', mode: 'snapshot', readOnly: false, logReads: false }],
    ['a.img,mode=snapshot,ro', { path: 'a.img', mode: 'snapshot', readOnly: true, logReads: false }],
    ['a.img,log-reads', { path: 'a.img', mode: 'snapshot', readOnly: false, logReads: true }],
    ['/x/a,b.img,mode=rw', { path: '/x/a,b.img', mode: 'rw', readOnly: false, logReads: true }],
    ['a,ro,b', { path: 'a,ro,b', mode: 'snapshot', readOnly: false, logReads: false }],
  ])('%s', (text, expected) => expect(parseDisk(text)).toEqual(expected));

  it.each(['', ',ro', '-', 'a,mode=cow', 'a,ro,ro', 'a,mode=rw,ro', 'a,mode=rw,mode=rw'])('not "%s"', (text) => {
    const { status, message } = failureOf(() => parseDisk(text));
    expect([status, message.startsWith('--disk')]).toEqual([STATUS.usage, true]);
  });
});

describe('an image', () => {
  it('is measured, hashed and read', async () => {
    const file = DiskFile.open(image('plain'));
    expect(file.size).toBe(8192);
    expect(await file.sha256()).toBe(createHash('sha256').update(bytes).digest('hex'));
    expect(file.read(100, 5000)).toEqual(bytes.subarray(100, 5100));
    expect(() => file.read(8000, 200)).toThrow('ends before');
    expect(file.changed).toBe(false);
    appendFileSync(path('plain'), 'x');
    expect(file.changed).toBe(true);
    file.close();
  });

  it.each<[string, Uint8Array, RegExp]>([
    ['empty', NOTHING, /is empty/],
    ['odd', new Uint8Array(1000), /has 1000 bytes, which is no multiple of 512/],
    ['qcow2', Buffer.concat([Buffer.from('QFI\xfb', 'latin1'), Buffer.alloc(508)]), /in the format qcow2/],
    ['vmdk', Buffer.from('KDMV'.padEnd(512)), /in the format VMDK/],
    ['vhd', Buffer.concat([Buffer.alloc(512), Buffer.from('conectix'.padEnd(512))]), /in the format VHD:/],
  ])('is refused: %s', (name, content, message) => {
    const failure = failureOf(() => DiskFile.open(image(name, content)));
    expect(failure.status).toBe(STATUS.data);
    expect(failure.message).toMatch(message);
  });

  it('is a file or a block device that is there', () => {
    expect(failureOf(() => DiskFile.open(path('nowhere'))).status).toBe(STATUS.noInput);
    expect(failureOf(() => DiskFile.open(folder)).message).toContain('is a directory');
    expect(failureOf(() => DiskFile.open('/dev/null')).message).toContain('neither a file nor a block device');
    if (process.getuid?.() === 0) return;
    chmodSync(image('locked'), 0o400);
    expect(failureOf(() => DiskFile.open(path('locked'), true)).message).toContain('leave out mode=rw');
  });

  it('is the same by another name', () => {
    symlinkSync(image('first'), path('second'));
    image('third');
    const [one, two, three] = ['first', 'second', 'third'].map((name) => DiskFile.open(path(name)));
    expect([one.isSame(two), one.isSame(three)]).toEqual([true, false]);
    for (const file of [one, two, three]) file.close();
  });
});

describe('a snapshot', () => {
  it('reads the image, and leaves it as it is', async () => {
    image('snapshot');
    const disk = Disk.open(option('snapshot'), true);
    expect(disk.hasWork).toBe(false);
    for (const demand of [read(512, 1024), write(0, new Uint8Array(512)), FLUSH, read(0, 512)]) disk.submit(demand);
    expect(disk.hasWork).toBe(true);
    expect(disk.take()).toEqual([
      { request: 0, status: 0, data: bytes.subarray(512, 1536) },
      { request: 0, status: 0, data: NOTHING },
      { request: 0, status: 0, data: NOTHING },
      { request: 0, status: 0, data: bytes.subarray(0, 512) },
    ]);
    expect([disk.hasWork, disk.busy]).toEqual([false, false]);
    await disk.close();
    expect(readFileSync(path('snapshot'))).toEqual(Buffer.from(bytes));
  });

  it('fails, and says so once, where the image has become shorter', async () => {
    image('short');
    const disk = Disk.open(option('short'), true);
    const notices: string[] = [];
    disk.onNotice = (sentence) => notices.push(sentence);
    truncateSync(path('short'), 4096);
    for (const demand of [read(0, 512), read(4096, 512), read(7680, 512)]) disk.submit(demand);
    expect(disk.take().map(({ status }) => status)).toEqual([0, 1, 1]);
    expect(notices).toHaveLength(1);
    expect(notices[0]).toContain('cannot be read (the file ends before)');
    await disk.close();
  });
});

describe('a disk that is written', () => {
  it('has the bytes in the file, and others do not wait for a flush', async () => {
    image('rw');
    const disk = Disk.open(option('rw', { mode: 'rw' }), true);
    const done = new Promise<void>((resolve) => (disk.onDone = resolve));
    for (const demand of [write(1024, bytes.subarray(0, 512)), FLUSH, read(1024, 512)]) disk.submit(demand);
    expect(disk.take()).toEqual([
      { request: 0, status: 0, data: NOTHING },
      { request: 1, status: 0, data: bytes.subarray(0, 512) },
    ]);
    expect(readFileSync(path('rw')).subarray(1024, 1536)).toEqual(Buffer.from(bytes.subarray(0, 512)));
    expect([disk.busy, disk.hasWork]).toEqual([true, false]);
    expect(disk.take()).toEqual([]);
    await done;
    expect([disk.busy, disk.hasWork]).toEqual([false, true]);
    expect(disk.take()).toEqual([{ request: 0, status: 0, data: NOTHING }]);
    await disk.close();
  });

  it('is durable before a write is done that has to be', async () => {
    image('durable');
    const disk = Disk.open(option('durable', { mode: 'rw' }), true);
    const done = new Promise<void>((resolve) => (disk.onDone = resolve));
    disk.submit(write(512, bytes.subarray(4096, 4608), true));
    expect([disk.take(), disk.busy]).toEqual([[], true]);
    await done;
    expect(disk.take()).toEqual([{ request: 0, status: 0, data: NOTHING }]);
    expect(readFileSync(path('durable')).subarray(512, 1024)).toEqual(Buffer.from(bytes.subarray(4096, 4608)));
    await disk.close();
  });

  it('waits for its flushes when it is closed', async () => {
    image('closing');
    const disk = Disk.open(option('closing', { mode: 'rw' }), true);
    disk.submit(write(0, new Uint8Array(512)));
    disk.submit(FLUSH);
    disk.take();
    expect(disk.busy).toBe(true);
    await disk.close();
    expect(disk.busy).toBe(false);
  });

  it('is flushed at once where nothing may depend on the host’s time', async () => {
    image('virtual');
    const disk = Disk.open(option('virtual', { mode: 'rw' }), false);
    disk.submit(FLUSH);
    expect(disk.take()).toEqual([{ request: 0, status: 0, data: NOTHING }]);
    await disk.close();
  });
});
