/** What the judge of the guest `keyval`'s log finds in images that a test has written and harmed. */
import type { AcknowledgedWrite } from '../support/keyval-history.js';
import { checkLog, checksum, MAGIC, SECTOR } from '../support/keyval-log.js';

const CAPACITY = 8;

const write = (version: number): AcknowledgedWrite => ({
  version,
  client: `client-${version % 3}`,
  seq: version,
  operation: 'SET',
  key: `a-long-key-of-${version % 10}.`,
  value: `value ${version}`,
});
const writes = (count: number): AcknowledgedWrite[] => Array.from({ length: count }, (_, n) => write(n + 1));

/** Puts a write where it belongs, or elsewhere. */
function put(image: Buffer, each: AcknowledgedWrite, sector = (each.version - 1) % CAPACITY): void {
  const record = Buffer.alloc(SECTOR);
  record.write(MAGIC, 0, 'latin1');
  record.writeBigUInt64LE(BigInt(each.version), 8);
  record.writeBigUInt64LE(BigInt(each.seq), 16);
  record.write(each.client, 32, 'latin1');
  record.write(each.key, 48, 'latin1');
  record.write(each.value, 64, 'latin1');
  record.write(each.operation, 128, 'latin1');
  record.writeUInt32LE(checksum(record.subarray(0, SECTOR - 4)), SECTOR - 4);
  record.copy(image, sector * SECTOR);
}

function imageOf(count: number): Buffer {
  const image = Buffer.alloc(CAPACITY * SECTOR);
  for (const each of writes(count)) put(image, each);
  return image;
}

describe('a log that is as it should be', () => {
  it.each([0, 5, 8, 9, 30])('with %i writes', (count) => {
    const { newest, records, faults } = checkLog(imageOf(count), writes(count));
    expect(faults).toEqual([]);
    expect([newest, records.size]).toEqual([count, Math.min(count, CAPACITY)]);
    expect(records.get(count)).toEqual(count === 0 ? undefined : write(count));
  });

  it('has writes that nobody was told of, one of them torn', () => {
    expect(checkLog(imageOf(20), writes(17)).faults).toEqual([]);
    const image = imageOf(7);
    image[6 * SECTOR + 70] ^= 1;
    expect(checkLog(image, writes(5)).faults).toEqual([]);
  });

  it('may have lain on a disk that held something else', () => {
    const image = imageOf(5);
    image.fill(0xa5, 5 * SECTOR);
    expect(checkLog(image, writes(5)).faults).toEqual([]);
  });
});

describe('a fault', () => {
  it('is a record that is not there', () => {
    expect(checkLog(imageOf(19), writes(20)).faults).toEqual([
      expect.stringMatching(/^version 20 is missing: .*value 20/),
    ]);
    expect(checkLog(Buffer.alloc(CAPACITY * SECTOR), writes(1)).faults).toHaveLength(1);
  });

  it('is one that is torn, in every byte of it', () => {
    for (let at = 0; at < SECTOR; at++) {
      const image = imageOf(5);
      image[2 * SECTOR + at] ^= 0x40;
      expect([at, checkLog(image, writes(5)).faults]).toEqual([at, [expect.stringMatching(/^version 3 is missing/)]]);
    }
  });

  it('is one below an answered one, though nobody was told of it', () => {
    const image = imageOf(5);
    image.fill(0, 2 * SECTOR, 3 * SECTOR);
    const told = writes(5).filter(({ version }) => version !== 3);
    expect(checkLog(image, told).faults).toEqual(['version 3 is missing']);
  });

  it.each([
    ['client', 'another'],
    ['seq', 77],
    ['operation', 'ADD'],
    ['key', 'another'],
    ['value', 'another'],
  ])('is one with another %s', (field, value) => {
    const image = imageOf(12);
    put(image, { ...write(11), [field]: value });
    const { faults } = checkLog(image, writes(12));
    expect(faults).toEqual([expect.stringMatching(new RegExp(`^version 11 has ${field} ${value}, not `))]);
  });

  it('is one that was overwritten by an older one', () => {
    const image = imageOf(12);
    put(image, write(3));
    expect(checkLog(image, writes(12)).faults).toEqual([expect.stringMatching(/^version 11 is missing/)]);
  });

  it('is one in the wrong place', () => {
    const image = imageOf(5);
    put(image, write(6), 6);
    expect(checkLog(image, writes(5)).faults).toEqual(['version 6 lies in sector 6']);
  });

  it('is a request that was executed twice', () => {
    const image = imageOf(5);
    put(image, { ...write(6), client: write(5).client, seq: 5 });
    expect(checkLog(image, writes(5)).faults).toEqual(['versions 5 and 6 are both client-2 5']);
  });
});
