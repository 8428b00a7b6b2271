/** The test finisher: what each word does. */
import { Finisher } from '../../src/machine/devices/finisher.js';

function write(size: 1 | 2 | 4, value: number, offset = 0): string[] {
  const done: string[] = [];
  const finisher = new Finisher({
    powerOff: (status) => done.push(`off ${status}`),
    reboot: () => done.push('reboot'),
  });
  finisher.write(offset, size, value);
  expect(finisher.read()).toBe(0);
  return done;
}

it.each<[1 | 2 | 4, number, string[]]>([
  [4, 0x5555, ['off 0']],
  [2, 0x5555, ['off 0']],
  [4, 0x0007_5555, ['off 0']],
  [4, 0x0001_3333, ['off 1']],
  [4, 0x002a_3333, ['off 42']],
  [4, 0xffff_3333, ['off 65535']],
  [4, 0x3333, ['off 1']],
  [4, 0x7777, ['reboot']],
  [4, 0x1234, []],
  [4, 0, []],
  [1, 0x55, []],
])('%s bytes of 0x%s', (size, value, expected) => {
  expect(write(size, value)).toEqual(expected);
});

it('listens at offset 0 only', () => {
  expect(write(4, 0x5555, 4)).toEqual([]);
});
