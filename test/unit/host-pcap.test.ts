import type { Environment, Input } from '../../src/machine/environment.js';
import { Capture, PcapWriter } from '../../src/host/pcap.js';
import { needing } from '../support/need.js';

const NEED = needing({ consoleRoom: 4096 });

function collect(): { bytes(): Buffer; write(bytes: Uint8Array): void } {
  const parts: Buffer[] = [];
  return { bytes: () => Buffer.concat(parts), write: (bytes) => parts.push(Buffer.from(bytes)) };
}

/** Reads a capture back, by the format's description: seconds, nanoseconds, lengths, bytes. */
function packets(file: Buffer): { time: string; length: number; data: string }[] {
  expect(file.subarray(0, 24).toString('hex')).toBe('4d3cb2a10200040000000000000000000000040001000000');
  const found = [];
  for (let at = 24; at < file.length;) {
    const captured = file.readUInt32LE(at + 8);
    found.push({
      time: `${String(file.readUInt32LE(at))}.${String(file.readUInt32LE(at + 4)).padStart(9, '0')}`,
      length: file.readUInt32LE(at + 12),
      data: file.toString('latin1', at + 16, at + 16 + captured),
    });
    at += 16 + captured;
  }
  return found;
}

it('writes nanosecond timestamps of guest time', () => {
  const sink = collect();
  const writer = new PcapWriter(sink, 1_700_000_000_999_999_950n);
  writer.write(0, Buffer.from('a'));
  writer.write(1, Buffer.from('bc'));
  writer.write(90_071_992_547_409, Buffer.from(''));
  expect(packets(sink.bytes())).toEqual([
    { time: '1700000000.999999950', length: 1, data: 'a' },
    { time: '1700000001.000000050', length: 2, data: 'bc' },
    { time: '1709007200.254740850', length: 0, data: '' },
  ]);
});

class Scripted implements Environment {
  readonly emitted: number[] = [];
  constructor(readonly inputs: readonly Input[]) {}
  nextStop(position: number): number {
    return position + 5;
  }
  takeInputs(): readonly Input[] {
    return this.inputs;
  }
  readTime(): number {
    return 20_000_000;
  }
  readEntropy(_position: number, length: number): Uint8Array {
    return new Uint8Array(length).fill(3);
  }
  emit(position: number): void {
    this.emitted.push(position);
  }
}

it('captures what passes an environment, dated by what the guest was told', () => {
  const sink = collect();
  const inner = new Scripted([
    { type: 'packet', device: 1, data: Buffer.from('in') },
    { type: 'tick', time: 10_000_000 },
    { type: 'packet', device: 1, data: Buffer.from('in2') },
    { type: 'console', device: 0, data: Buffer.from('no packet') },
  ]);
  const env = new Capture(inner, new PcapWriter(sink, 0n));
  expect(env.nextStop(7, NEED)).toBe(12);
  expect(env.takeInputs(7, NEED)).toBe(inner.inputs);
  expect(env.readTime(8)).toBe(20_000_000);
  expect(env.readEntropy(8, 2)).toEqual(new Uint8Array([3, 3]));
  env.emit(9, { type: 'packet', device: 1, data: Buffer.from('out') });
  env.emit(10, { type: 'console', device: 0, data: Buffer.from('hi') });
  expect(inner.emitted).toEqual([9, 10]);
  expect(packets(sink.bytes()).map(({ time, data }) => `${time} ${data}`)).toEqual([
    '0.000000000 in',
    '1.000000000 in2',
    '2.000000000 out',
  ]);
});

it('dates by the virtual clock where the machine computes time', () => {
  const sink = collect();
  const env = new Capture(new Scripted([]), new PcapWriter(sink, 0n), () => 123);
  env.emit(7, { type: 'packet', device: 1, data: Buffer.from('x') });
  expect(packets(sink.bytes())).toEqual([{ time: '0.000012300', length: 1, data: 'x' }]);
});
