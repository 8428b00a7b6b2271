// The tests that need more than Node: QEMU, gcc, tshark, protoc, and minutes.
import base from './jest.config.js';

/** @type {import('jest').Config} */
export default {
  ...base,
  roots: ['<rootDir>/test/system'],
  testPathIgnorePatterns: [],
  testTimeout: 600_000,
  // One at a time: some measure, some load the machine on purpose.
  maxWorkers: 1,
};
