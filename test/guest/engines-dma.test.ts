/**
 * A device writes code: a guest that has its function replaced, again and again, by what its source of entropy brings, runs
 * on each engine. The function is hot, and so translated, when the bytes come; nothing but the device tells of it.
 */
import { assemble } from '../../src/isa/assemble.js';
import { Silence, imageOf, partings, runTo, runnersOf, translated, type Line } from './engines-rig.js';

const SLOT = 0;
const DEVICE = 0x1000_1000 + SLOT * 0x1000;
/** Offsets of the registers of virtio-mmio (virtio 1.2, section 4.2.2). */
const R = {
  driverFeatures: 0x20,
  driverFeaturesSelect: 0x24,
  queueSize: 0x38,
  queueReady: 0x44,
  queueNotify: 0x50,
  status: 0x70,
  descriptors: 0x80,
  available: 0x90,
  used: 0xa0,
} as const;
const [ACKNOWLEDGE, DRIVER, DRIVER_OK, FEATURES_OK] = [1, 2, 4, 8];
const WRITE = 2;
/** From the table of descriptors on. */
const [AVAILABLE, USED] = [0x100, 0x200];

const CALLS = 1500;
const ROUNDS = 30;
const COUNT = 12;
const RESULT = 10;
/** Bytes of the function: two instructions. */
const FUNCTION_BYTES = 8;

/** Writes x5 or a small constant to a register of the device, whose address is in x31. */
const put = (offset: number, value?: number): Line[] => [
  ...(value === undefined ? [] : [['addi', { rd: 5, imm: value }] as const]),
  ['sw', { rs1: 31, rs2: 5, imm: offset }],
];
/** An address in x5, `offset` from the data in x30. */
const data = (offset: number): Line => ['addi', { rd: 5, rs1: 30, imm: offset }];

const GUEST = imageOf([
  ['auipc', { rd: 30, imm: 0x4000 }], // data: descriptors, rings
  ['lui', { rd: 31, imm: DEVICE }],
  ['auipc', { rd: 29 }],
  ['addi', { rd: 29, rs1: 29 }, 'function'],
  ['addi', { rd: 29, rs1: 29, imm: 4 }],
  ...put(R.status, ACKNOWLEDGE | DRIVER),
  ...put(R.driverFeaturesSelect, 1),
  ...put(R.driverFeatures, 1), // VIRTIO_F_VERSION_1
  ...put(R.status, ACKNOWLEDGE | DRIVER | FEATURES_OK),
  ...put(R.queueSize, 1),
  data(0),
  ...put(R.descriptors),
  data(AVAILABLE),
  ...put(R.available),
  data(USED),
  ...put(R.used),
  ...put(R.queueReady, 1),
  ...put(R.status, ACKNOWLEDGE | DRIVER | FEATURES_OK | DRIVER_OK),
  ['sd', { rs1: 30, rs2: 29 }],
  ['addi', { rd: 5, imm: FUNCTION_BYTES }],
  ['sw', { rs1: 30, rs2: 5, imm: 8 }],
  ['addi', { rd: 5, imm: WRITE }],
  ['sw', { rs1: 30, rs2: 5, imm: 12 }],
  'round',
  ['addi', { rd: COUNT, rs1: COUNT, imm: 1 }],
  ['addi', { rd: 6, imm: CALLS }],
  'call',
  ['jal', { rd: 1 }, 'function'],
  ['addi', { rd: 6, rs1: 6, imm: -1 }],
  ['bne', { rs1: 6 }, 'call'],
  ['sh', { rs1: 30, rs2: COUNT, imm: AVAILABLE + 2 }],
  ...put(R.queueNotify, 0),
  'wait',
  ['lhu', { rd: 7, rs1: 30, imm: USED + 2 }],
  ['bne', { rs1: 7, rs2: COUNT }, 'wait'],
  ['addi', { rd: 8, imm: ROUNDS }],
  ['bne', { rs1: 8, rs2: COUNT }, 'round'],
  'end',
  ['jal', {}, 'end'],
  'function',
  ['addi', { rd: RESULT, rs1: RESULT, imm: 1 }],
  ['jalr', { rs1: 1 }],
]);

/** Brings a function that adds another number each time. */
class Code extends Silence {
  /** What the functions have added by the time that the last one is brought. */
  sum = CALLS;
  private rounds = 1;

  override readEntropy(position: number, length: number): Uint8Array {
    expect(length).toBe(FUNCTION_BYTES);
    const added = position % 2000;
    if (++this.rounds <= ROUNDS) this.sum += added * CALLS;
    const code = new DataView(new ArrayBuffer(length));
    code.setUint32(0, assemble('addi', { rd: RESULT, rs1: RESULT, imm: added }), true);
    code.setUint32(4, assemble('jalr', { rs1: 1 }), true);
    return new Uint8Array(code.buffer);
  }
}

it('code that a device writes is executed at once, on each engine', () => {
  const runners = runnersOf(GUEST, () => new Code(), { devices: [{ kind: 'rng', slot: SLOT }] });
  const found: string[] = [];
  for (let position = 5000; position < ROUNDS * CALLS * 6 && found.length === 0; position += 5000) {
    for (const { machine } of runners) runTo(machine, position);
    found.push(...partings(runners));
  }
  expect(found).toEqual([]);
  for (const runner of runners) {
    expect(runner.machine.hart.getX(COUNT)).toBe(BigInt(ROUNDS));
    expect(runner.machine.hart.getX(RESULT)).toBe(BigInt(runner.environment.sum));
  }
  // It was translated while it was replaced.
  expect(translated(runners[1])).toBeGreaterThan((ROUNDS * CALLS * 4) / 2);
  expect(runners[1].machine.engineStatistics().regions.made).toBeGreaterThan(ROUNDS);
});
