// Logs as text and JSON: what `vmft inspect` prints.

import type { Entry } from '../../src/log/entry.js';
import { Statistics } from '../../src/log/statistics.js';
import { entryJson, entryText, headerJson, headerText, statisticsRows } from '../../src/log/text.js';
import { singly } from '../../src/log/entry.js';
import { END, SAMPLE, logOf, readLog, sampleHeader } from './log-sample.js';

describe('an entry', () => {
  it('is one line', () => {
    expect([...SAMPLE, END].map(entryText)).toEqual([
      '            10  time     5',
      '        200000  tick     10000',
      '        200040  time     10003',
      '        200080  time     10002',
      '        500000  time     23456',
      '        500000  entropy  3 bytes: 010203',
      '        500001  packet   slot 0, 60 bytes: 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f...',
      '        500001  console  slot 2, "ls\\n"',
      '        500002  output   console, 6 bytes, hash 0123456789abcdef',
      '        500003  output   packet, slot 0, 60 bytes, hash ffffffffffffffff',
      '        500004  output   disk, slot 3, 4096 bytes, hash 0000000000000001',
      '       1000000  digest   8000000000000000',
      '       1000007  output   power, 0 bytes, hash 0000000000000000',
      '       1000007  disk     slot 3, request 0 done, 2 bytes: 0102',
      '       1000007  disk     slot 0, request 300 failed with status 1',
      '       1000007  end      power-off, status 3',
    ]);
    const end: Entry = { ...END, reason: 'host-error', status: 74, detail: 'the disk is full' };
    expect(entryText(end)).toBe('       1000007  end      host-error, status 74: the disk is full');
  });

  it('shows console bytes so that a terminal is safe from them', () => {
    const data = Uint8Array.of(0x1b, 0x5b, 0x22, 0x5c, 0x0d, 0xff, 0x41);
    expect(entryText({ type: 'console', position: 0, device: 0, data })).toMatch('"\\x1b[\\"\\\\\\r\\xffA"');
    const long = new Uint8Array(33).fill(0x61);
    expect(entryText({ type: 'console', position: 0, device: 0, data: long })).toMatch(/"a{32}"\.\.\.$/);
  });

  it('names the console in a slot, and its size', () => {
    const place = { position: 9, device: 6 };
    const size: Entry = { type: 'size', ...place, columns: 132, rows: 43 };
    expect(entryText(size)).toBe('             9  size     slot 6, 132 columns, 43 rows');
    expect(JSON.stringify(entryJson(size))).toBe('{"type":"size","position":9,"device":6,"columns":132,"rows":43}');
    const output: Entry = { type: 'output', kind: 'console', ...place, length: 1, hash: 1n };
    expect(entryText(output)).toBe('             9  output   console, slot 6, 1 byte, hash 0000000000000001');
  });

  it('is one JSON object that holds all of it', () => {
    const json = [...SAMPLE, END].map((entry) => JSON.stringify(entryJson(entry)));
    expect(json[0]).toBe('{"type":"time","position":10,"time":5}');
    expect(json[5]).toBe('{"type":"entropy","position":500000,"data":"010203"}');
    expect((JSON.parse(json[6]) as { data: string }).data.length).toBe(120);
    expect(json[9]).toBe(
      '{"type":"output","position":500003,"kind":"packet","device":0,"length":60,"hash":"ffffffffffffffff"}',
    );
    expect(json[11]).toBe('{"type":"digest","position":1000000,"digest":"8000000000000000"}');
    expect(json[13]).toBe('{"type":"disk","position":1000007,"device":3,"request":0,"status":0,"data":"0102"}');
    expect(json.at(-1)).toBe('{"type":"end","position":1000007,"reason":"power-off","status":3}');
  });

  it('is made of each read of a batch', () => {
    const batch = { type: 'times', positions: Float64Array.of(1, 2), times: Float64Array.of(3, 4) } as const;
    expect([...singly(batch)]).toEqual([
      { type: 'time', position: 1, time: 3 },
      { type: 'time', position: 2, time: 4 },
    ]);
  });
});

describe('a header', () => {
  const image = { role: 'kernel', name: 'hello.elf', size: 2, sha256: new Uint8Array(32).fill(0xab) } as const;
  const header = sampleHeader({
    images: [{ ...image, embedded: true, data: Uint8Array.of(1, 2) }],
    disks: [{ name: 'd.img', size: 512, sha256: new Uint8Array(32), slot: 4 }],
  });

  it('is lines of name and value', async () => {
    const { header: read } = await readLog(logOf([], { header }));
    const lines = headerText(read!);
    expect(lines.map(([name]) => name)).toEqual([
      'format',
      'machine',
      'slot 0',
      'slot 1',
      'command line',
      'rng-seed',
      'wall clock',
      'digests',
      'kernel',
      'disk',
    ]);
    expect(Object.fromEntries(lines)).toMatchObject({
      format: 'vmft log 1.1, written by vmft 0.1.0',
      'slot 0': 'net, 52:54:00:12:34:56',
      'slot 1': 'rng',
      kernel: `hello.elf, 2 bytes, embedded, sha256 ${'ab'.repeat(32)}`,
    });
  });

  it('is JSON without the images themselves', () => {
    const json = headerJson({ ...header, version: { major: 1, minor: 0 } });
    expect(JSON.parse(JSON.stringify(json))).toEqual(json);
    expect(json).toMatchObject({
      wallClock: '1790000000123456789',
      images: [{ name: 'hello.elf', size: 2, embedded: true, sha256: 'ab'.repeat(32) }],
      machine: { devices: [{ kind: 'net', mac: '52:54:00:12:34:56' }, { kind: 'rng' }] },
    });
    expect(JSON.stringify(json)).not.toMatch('"data"');
  });
});

describe('statistics', () => {
  it('are rows of the causes that occur, and a total', () => {
    const statistics = new Statistics();
    statistics.add('header', 100);
    statistics.add('time', 150, 50);
    statistics.add('tick', 50, 4);
    statistics.add('seal', 100);
    expect(statisticsRows(statistics)).toEqual({
      rows: [
        { cause: 'header', entries: 1, bytes: 100, share: 0.25 },
        { cause: 'time', entries: 50, bytes: 150, share: 0.375 },
        { cause: 'tick', entries: 4, bytes: 50, share: 0.125 },
        { cause: 'seal', entries: 1, bytes: 100, share: 0.25 },
      ],
      total: { cause: 'total', entries: 54, bytes: 400, share: 1 },
    });
    expect(statisticsRows(new Statistics()).rows).toEqual([]);
  });
});
