import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';

import { ClosedPipe, DiskFull, Failure, STATUS } from '../../src/host/failure.js';
import { FileSource, openSource, StreamSource } from '../../src/host/byte-sources.js';
import { FileSink } from '../../src/host/file-sink.js';
import { readGuestFile, readGuestFileAside, sha256 } from '../../src/host/guest-bytes.js';
import { FollowSource } from '../../src/host/follow.js';

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));
const text = (bytes: Uint8Array | null): string | null => (bytes === null ? null : Buffer.from(bytes).toString());

let folder: string;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'vmft-files-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const path = (name: string): string => join(folder, name);

function statusOf(action: () => unknown): number | undefined {
  try {
    action();
  } catch (error) {
    if (error instanceof Failure) return error.status;
    throw error;
  }
  return undefined;
}

describe('FileSink', () => {
  it('has the bytes in the file when write() returns, and starts an existing file anew', () => {
    writeFileSync(path('log'), 'what was here before, and longer');
    const sink = FileSink.create(path('log'));
    expect(sink.regular).toBe(true);
    sink.write(Buffer.from('one '));
    expect(readFileSync(path('log'), 'utf8')).toBe('one ');
    sink.write(Buffer.from('two'));
    expect(sink.written).toBe(7);
    sink.close();
    sink.close();
    expect(readFileSync(path('log'), 'utf8')).toBe('one two');
  });

  it('says why a file cannot be created', () => {
    expect(statusOf(() => FileSink.create(path('nowhere/log')))).toBe(STATUS.cannotCreate);
    expect(statusOf(() => FileSink.create(folder))).toBe(STATUS.cannotCreate);
  });

  const full = existsSync('/dev/full') ? it : it.skip;
  full('throws DiskFull on a device without space', () => {
    const sink = FileSink.create('/dev/full');
    expect(() => sink.write(Buffer.from('x'))).toThrow(DiskFull);
    sink.close();
  });

  const pipes = process.platform === 'win32' ? it.skip : it;
  pipes('writes all through a slow pipe in non-blocking mode', async () => {
    execFileSync('mkfifo', [path('slow')]);
    const reader = spawn('sh', ['-c', `exec < "${path('slow')}"; sleep 0.3; sha256sum`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    // O_RDWR: the open of a named pipe for writing alone and without blocking fails until there is a reader.
    const fd = openSync(path('slow'), 0o4000 | 2);
    const sink = new FileSink(fd, 'the pipe', true);
    const bytes = Buffer.alloc(1 << 20, 'abcdefg');
    sink.write(bytes);
    expect(sink.written).toBe(bytes.length);
    sink.close();
    const [answer] = (await once(reader.stdout, 'data')) as [Buffer];
    expect(answer.toString().slice(0, 64)).toBe(sha256(bytes));
  });

  pipes('throws ClosedPipe when the reader has gone', () => {
    execFileSync('mkfifo', [path('gone')]);
    const read = openSync(path('gone'), 0o4000);
    const fd = openSync(path('gone'), 0o4000 | 1);
    const sink = new FileSink(fd, 'the pipe', true);
    sink.write(Buffer.from('x'));
    new FileSink(read, 'reader', true).close();
    expect(() => sink.write(Buffer.from('y'))).toThrow(ClosedPipe);
    sink.close();
  });
});

describe('sources', () => {
  it('read a file from any offset, and on when it grows', async () => {
    writeFileSync(path('source'), 'abcdef');
    const source = await FileSource.open(path('source'));
    expect(await source.size()).toBe(6);
    source.seek(2);
    expect(text(await source.read())).toBe('cdef');
    expect(await source.read()).toBeNull();
    appendFileSync(path('source'), 'gh');
    expect(text(await source.read())).toBe('gh');
    expect(source.offset).toBe(8);
    await source.close();
  });

  it('say why a file cannot be read', async () => {
    await expect(openSource(path('absent'))).rejects.toMatchObject({ status: STATUS.noInput });
    await expect(openSource(folder)).rejects.toMatchObject({ status: STATUS.noInput });
  });

  it('read a stream in order, and wait only when asked to', async () => {
    const stream = new PassThrough();
    const source = new StreamSource(stream, 'the pipe');
    expect(await source.read(false)).toBeNull();
    setTimeout(() => stream.write('late'), 20);
    expect(text(await source.read())).toBe('late');
    stream.end('last');
    expect(text(await source.read())).toBe('last');
    expect(await source.read()).toBeNull();
    expect(await source.read()).toBeNull();
  });

  it('report a stream that breaks', async () => {
    const stream = new PassThrough();
    const source = new StreamSource(stream, 'the pipe');
    const reading = source.read();
    stream.destroy(new Error('broken'));
    await expect(reading).rejects.toThrow(/the pipe cannot be read \(broken\)/);
  });

  it('read a named pipe', async () => {
    execFileSync('mkfifo', [path('fifo')]);
    spawn('sh', ['-c', `printf hello > "${path('fifo')}"`]);
    const source = await openSource(path('fifo'));
    expect(text(await source.read())).toBe('hello');
    expect(await source.read()).toBeNull();
  });
});

describe('FollowSource', () => {
  it('waits for the file and for what is appended', async () => {
    setTimeout(() => writeFileSync(path('followed'), 'a'), 40);
    const source = await FollowSource.open(path('followed'), { interval: 10 });
    let seen = text(await source.read()) ?? '';
    expect(await source.read(false)).toBeNull();
    setTimeout(() => appendFileSync(path('followed'), 'b'), 30);
    seen += text(await source.read());
    setTimeout(() => appendFileSync(path('followed'), 'c'), 30);
    seen += text(await source.read());
    expect(seen).toBe('abc');
    const waiting = source.read();
    await pause(20);
    await source.close();
    expect(await waiting).toBeNull();
  });

  it('ends a read wherever it is when it is closed', async () => {
    writeFileSync(path('closed'), 'a');
    for (let steps = 0; steps < 60; steps++) {
      const source = await FollowSource.open(path('closed'), { interval: 2 });
      expect(text(await source.read())).toBe('a');
      const waiting = source.read();
      for (let step = 0; step < steps; step++) await new Promise(setImmediate);
      await source.close();
      expect(await waiting).toBeNull();
      expect(await source.read()).toBeNull();
    }
  });

  it('gives up on a file that does not come, and on one that was written anew', async () => {
    await expect(FollowSource.open(path('never'), { interval: 5, patience: 3 })).rejects.toMatchObject({
      status: STATUS.noInput,
    });
    writeFileSync(path('anew'), 'something');
    const source = await FollowSource.open(path('anew'), { interval: 5 });
    await source.read();
    truncateSync(path('anew'), 2);
    await expect(source.read()).rejects.toMatchObject({ status: STATUS.data });
    await source.close();
  });
});

describe('guest files', () => {
  it('are read whole, up to a limit', () => {
    writeFileSync(path('guest'), Buffer.alloc(1000, 7));
    expect(readGuestFile(path('guest'))).toHaveLength(1000);
    expect(statusOf(() => readGuestFile(path('guest'), 999))).toBe(STATUS.data);
    expect(statusOf(() => readGuestFile(path('nothing')))).toBe(STATUS.noInput);
    mkdirSync(path('directory'));
    expect(statusOf(() => readGuestFile(path('directory')))).toBe(STATUS.noInput);
  });

  it('are read aside, and hashed', async () => {
    // A prime in length, so that no two pieces are the same.
    const bytes = Buffer.alloc(
      2.5 * 2 ** 22,
      Uint8Array.from({ length: 65_521 }, (_, at) => (at * at) >> 7),
    );
    for (const length of [0, 1, 2 ** 22, bytes.length]) {
      const content = bytes.subarray(0, length);
      writeFileSync(path('guest'), content);
      const read = await readGuestFileAside(path('guest'));
      expect(content.equals(read.bytes)).toBe(true);
      expect(read.sha256).toBe(sha256(content));
    }
    const refused = async (name: string, limit?: number): Promise<unknown> =>
      readGuestFileAside(path(name), limit).catch(({ status }: Failure) => status);
    expect(await refused('guest', 999)).toBe(STATUS.data);
    expect(await refused('nothing')).toBe(STATUS.noInput);
    mkdirSync(path('folder'));
    expect(await refused('folder')).toBe(STATUS.noInput);
  });

  const unprivileged = process.getuid?.() === 0 ? it.skip : it;
  unprivileged('that may not be read are refused', () => {
    writeFileSync(path('secret'), 'x');
    chmodSync(path('secret'), 0);
    expect(statusOf(() => readGuestFile(path('secret')))).toBe(STATUS.noPermission);
  });

  it('have a SHA-256', () => {
    expect(sha256(new Uint8Array(0))).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  });
});
