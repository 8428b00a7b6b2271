// Loaded before the command: writes the peak of the process's resident set, in bytes, when it ends (peak.ts).
import { writeFileSync } from 'node:fs';

process.on('exit', () => {
  const { maxRSS } = process.resourceUsage();
  writeFileSync(process.env.VMFT_PEAK_REPORT, String(maxRSS * 1024));
});
