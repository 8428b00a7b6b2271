/** Sv39 against a plain model of the privileged specification 20240411, section 10.3.2, in bigint. */
import fc from 'fast-check';
import { DRAM_BASE } from '../../src/hart/layout.js';
import { CSR } from '../../src/isa/csrs.js';
import { RAM_BYTES, Rig } from '../unit/hart-rig.js';
import { FIRST_TABLE, SLOTS, TABLES, address, pte, slot, walk } from './sv39-model.js';

const END = DRAM_BASE + RAM_BYTES;

it('answers, faults and marks as the specification’s algorithm', () => {
  const seen = { physical: 0, marked: 0, pageFault: 0, accessFault: 0 };
  const rig = Rig.open();
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: 0, max: TABLES - 1 }), slot, pte), { minLength: 30, maxLength: 60 }),
      fc.array(fc.tuple(address, fc.constantFrom(0, 1, 2)), { minLength: 20, maxLength: 20 }),
      fc.constantFrom(0, 1),
      fc.boolean(),
      fc.boolean(),
      (entries, accesses, privilege, sum, mxr) => {
        rig.hart.privilege = 3;
        rig.written = [];
        for (let i = 0; i < TABLES; i++) for (const s of SLOTS) rig.writeRam(FIRST_TABLE + i * 4096 + s * 8, 0n);
        for (const [table, s, value] of entries) rig.writeRam(FIRST_TABLE + table * 4096 + s * 8, value);
        const root = BigInt(FIRST_TABLE / 4096);
        rig.write(CSR.satp, (8n << 60n) | root);
        rig.write(CSR.mstatus, (sum ? 1n << 18n : 0n) | (mxr ? 1n << 19n : 0n));
        rig.enter(privilege);
        for (const [va, kind] of accesses) {
          const access = kind;
          const expected = walk((at) => rig.readRam(at), END, root, va, access, privilege, sum, mxr);
          rig.written = [];
          const physical = rig.translate(va, access);
          if ('cause' in expected) {
            expect([physical, rig.hart.faultCause]).toEqual([-1, expected.cause]);
            seen[expected.cause >= 12 ? 'pageFault' : 'accessFault']++;
            continue;
          }
          expect(physical).toBe(Number(expected.physical));
          expect(rig.written).toEqual(expected.updated ? [expected.updated[0]] : []);
          if (expected.updated) {
            expect(rig.readRam(expected.updated[0])).toBe(expected.updated[1]);
            seen.marked++;
          }
          seen.physical++;
        }
      },
    ),
    { seed: 39, numRuns: 300 },
  );
  // The tables were rich enough to have tested something.
  expect(Object.values(seen).filter((count) => count < 100)).toEqual([]);
});
