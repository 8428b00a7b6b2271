/** What the options of the command line mean, and what is said of values that mean nothing. */
import {
  clockName,
  duration,
  engineKind,
  memorySize,
  namesOf,
  position,
  readFlag,
  wholeNumber,
  type FlagValue,
} from '../../src/commands/options/flag-values.js';
import { liveStatus, processStatus } from '../../src/commands/output/exit-status.js';
import { readGuestOptions, type GuestFlags } from '../../src/commands/options/guest-options.js';
import { endText, grouped, mips, sizeText } from '../../src/commands/output/summary-lines.js';
import { UsageFailure } from '../../src/host/failure.js';

const FLAGS: GuestFlags = {
  memory: undefined,
  clock: undefined,
  entropy: undefined,
  net: undefined,
  disk: undefined,
  append: undefined,
  console: undefined,
  'stdin-eof': undefined,
  initrd: undefined,
  firmware: undefined,
  until: undefined,
  'time-limit': undefined,
  'pcap-out': undefined,
  engine: undefined,
  stats: false,
  json: false,
  quiet: false,
};
const options = (flags: Partial<GuestFlags>) => readGuestOptions({ ...FLAGS, ...flags });

describe('values', () => {
  it.each<[string, FlagValue<unknown>, unknown]>([
    ['128M', memorySize, 128 * 2 ** 20],
    ['3G', memorySize, 3 * 2 ** 30],
    ['1024k', memorySize, 2 ** 20],
    ['134217728', memorySize, 134217728],
    ['0', position, 0],
    ['9007199254740991', position, Number.MAX_SAFE_INTEGER],
    ['10s', duration, 10_000],
    ['500ms', duration, 500],
    ['2m', duration, 120_000],
    ['1.5', duration, 1500],
    ['virtual', clockName, 'virtual'],
    ['translator', engineKind, 'translator'],
    ['a,b', namesOf(['a', 'b', 'c']), new Set(['a', 'b'])],
  ])('%s', async (text, value, expected) => {
    expect(await readFlag('x', text, value)).toEqual(expected);
  });

  it.each<[string, FlagValue<unknown>]>([
    ...['', '-1', '1.5', '0x10', 'many', '9007199254740992', '99999999999999999999', ' 1', '1e3', 'Infinity'].map(
      (text): [string, FlagValue<unknown>] => [text, position],
    ),
    ...['0', '1000', '1048577', '4G', '3073M', '-1M', '128MB', '99999999999G', ''].map(
      (text): [string, FlagValue<unknown>] => [text, memorySize],
    ),
    ...['0', '-1s', '0s', '600h', 'soon', '10 s', '1e9h', ''].map((text): [string, FlagValue<unknown>] => [
      text,
      duration,
    ]),
    ['Host', clockName],
    ['jit', engineKind],
    ['', engineKind],
    ['1001', wholeNumber(0, 1000)],
    ['a,d', namesOf(['a', 'b'])],
    ['', namesOf(['a'])],
  ])('"%s" is refused in one sentence that names the option and the range', async (text, value) => {
    const refused = readFlag('some-flag', text, value);
    await expect(refused).rejects.toBeInstanceOf(UsageFailure);
    await expect(refused).rejects.toThrow(`--some-flag takes ${value.takes}, not "${text}".`);
  });
});

it('an option that is not given has no value', async () => {
  expect(await readFlag('x', undefined, position)).toBeUndefined();
  expect(await options({})).toMatchObject({ memoryBytes: 128 * 2 ** 20, clock: 'host', commandLine: '' });
});

describe('options of a guest', () => {
  it('put disks into the slots behind the networks', async () => {
    const { disks } = await options({ net: ['stream:/run/a'], disk: ['a.img', 'b.img,mode=rw'] });
    expect([...disks].map(([slot, { path, mode }]) => [slot, path, mode])).toEqual([
      [1, 'a.img', 'snapshot'],
      [2, 'b.img', 'rw'],
    ]);
  });

  it('make a machine with a random number generator in slot 7 and networks from slot 0 on', async () => {
    const { devices, networks } = await options({
      net: ['stream:/run/a', 'dgram:local=127.0.0.1:1,remote=127.0.0.1:2,mac=52:54:00:00:00:01'],
    });
    expect(devices).toEqual([
      { kind: 'net', slot: 0, mac: Uint8Array.of(0x52, 0x54, 0, 0x12, 0x34, 0x56) },
      { kind: 'net', slot: 1, mac: Uint8Array.of(0x52, 0x54, 0, 0, 0, 1) },
      { kind: 'rng', slot: 7 },
    ]);
    expect([...networks.values()].map(({ kind }) => kind)).toEqual(['stream', 'dgram']);
  });

  it('give the input to the serial port, or to a virtio console in slot 6, with what its end is', async () => {
    expect(await options({})).toMatchObject({ consoleDevice: 0, endOfInput: new Uint8Array(0) });
    const { devices, ...rest } = await options({ console: 'virtio', 'stdin-eof': 'ctrl-d' });
    expect(rest).toMatchObject({ consoleDevice: 6, endOfInput: Uint8Array.of(4) });
    expect(devices).toEqual([
      { kind: 'console', slot: 6 },
      { kind: 'rng', slot: 7 },
    ]);
  });

  it('let the engine be chosen', async () => {
    expect((await options({})).engine).toBe('auto');
    expect((await options({ engine: 'interpreter' })).engine).toBe('interpreter');
  });

  it('take the seed of the device tree from the entropy', async () => {
    const seed = async (entropy?: string) => (await options({ entropy })).rngSeed;
    expect(await seed('seed:2a')).toEqual(await seed('seed:2a'));
    expect(await seed('seed:2a')).not.toEqual(await seed('seed:2b'));
    expect(await seed()).not.toEqual(await seed());
  });

  it('fix the wall clock only where nothing comes from the host', async () => {
    const fixed = BigInt(Date.UTC(2020, 0, 1)) * 1_000_000n;
    expect((await options({ clock: 'virtual', entropy: 'seed:2a' })).wallClock).toBe(fixed);
    expect((await options({ clock: 'virtual' })).wallClock).toBeUndefined();
    expect((await options({ entropy: 'seed:2a' })).wallClock).toBeUndefined();
  });

  it.each<[Partial<GuestFlags>, RegExp]>([
    [{ net: Array.from({ length: 8 }, () => 'stream:/run/a') }, /^--net can be given 7 times, not 8\.$/],
    [
      { net: Array.from({ length: 7 }, () => 'stream:/run/a'), console: 'virtio' },
      /^--net can be given 6 times, not 7\.$/,
    ],
    [{ console: 'vga' }, /^--console takes uart or virtio, not "vga"\.$/],
    [{ 'stdin-eof': 'eot' }, /^--stdin-eof takes ignore or ctrl-d, not "eot"\.$/],
    [{ net: ['tap:0'] }, /^--net tap:0 is not a network/],
    [{ append: 'x'.repeat(1024) }, /^--append takes a text of at most 1023 bytes, not of 1024\.$/],
    [{ entropy: 'seed:123' }, /is not a source of entropy/],
    [{ engine: 'steam' }, /^--engine takes interpreter, translator or auto, not "steam"\.$/],
    [{ clock: 'sun' }, /^--clock takes host or virtual, not "sun"\.$/],
    [{ until: '-1' }, /^--until takes a whole number from 0 to 9007199254740991, not "-1"\.$/],
  ])('refuse %j', async (flags, message) => {
    await expect(options(flags)).rejects.toThrow(message);
  });
});

describe('exit statuses', () => {
  it('are the guest’s, or those of what ended it', () => {
    expect(liveStatus('power-off', 3, 0)).toBe(3);
    expect(liveStatus('until', undefined, 0)).toBe(0);
    expect(liveStatus('time-limit', undefined, 0)).toBe(124);
    expect(liveStatus('interrupted', undefined, 130)).toBe(130);
    expect(liveStatus('host-error', undefined, 0)).toBe(70);
  });

  it('fit into a process', () => {
    expect([0, 1, 255, 256, 2 ** 32 - 1].map(processStatus)).toEqual([0, 1, 255, 255, 255]);
  });
});

describe('summaries', () => {
  it('show numbers for people', () => {
    expect(grouped(0)).toBe('0');
    expect(grouped(1234567)).toBe('1 234 567');
    expect(sizeText(999)).toBe('999 B');
    expect(sizeText(12_345)).toBe('12.3 kB');
    expect(mips(5_000_000, 2)).toBe(2.5);
    expect(mips(5, 0)).toBe(0);
  });

  it('say how a run ended', () => {
    expect(endText({ reason: 'power-off', status: 3 })).toBe('The guest powered off with status 3.');
    expect(endText({ reason: 'interrupted', status: 130, detail: 'SIGINT' })).toBe('The guest was stopped: SIGINT.');
  });
});
