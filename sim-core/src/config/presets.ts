/** Named configurations from 32 to 4096 MACs. Buffers and bandwidth grow with the array, as in shipped designs. */
import type { MachineConfig, PresetName } from "./schema.ts";

const KIB = 1024;
const MIB = 1024 * KIB;

const DEFAULT: MachineConfig = {
  clockMHz: 500,
  pm: { bytes: 64 * KIB },
  dm: { bytes: 512 * KIB, banks: 16, bankBytes: 16, conflicts: true, starvationCycles: 8 },
  wm: { bytes: 128 * KIB },
  ddr: { bytes: 256 * MIB, bytesPerCycle: 8, burstBytes: 64, latencyCycles: 100 },
  cu: { misaligned: "trap", divideCycles: 32, pmWritable: false },
  dma: { channels: 2, queueDepth: 8, setupCycles: 16, bytesPerCycle: 16 },
  nu: {
    cip: 16,
    cop: 16,
    cores: 1,
    ports: 1,
    queueDepth: 8,
    accumulatorBytes: 32 * KIB,
    weightBytesPerCycle: 32,
    pipelineStages: 15,
  },
  vu: { lanes: 16, queueDepth: 8, pipelineStages: 8 },
  xu: { queueDepth: 8, setupCycles: 8, bytesPerCycle: 16, butterflies: 1 },
};

const sized = (
  cip: number,
  cop: number,
  dmKib: number,
  wmKib: number,
  accKib: number,
  ddrBytesPerCycle: number,
): MachineConfig => ({
  ...DEFAULT,
  dm: { ...DEFAULT.dm, bytes: dmKib * KIB, bankBytes: Math.max(4, Math.min(64, cip)) },
  wm: { bytes: wmKib * KIB },
  ddr: { ...DEFAULT.ddr, bytesPerCycle: ddrBytesPerCycle },
  dma: { ...DEFAULT.dma, bytesPerCycle: Math.max(DEFAULT.dma.bytesPerCycle, ddrBytesPerCycle) },
  nu: {
    ...DEFAULT.nu,
    cip,
    cop,
    accumulatorBytes: accKib * KIB,
    weightBytesPerCycle: Math.max(8, (cip * cop) / 8),
  },
  vu: { ...DEFAULT.vu, lanes: cip },
});

export const PRESETS: Readonly<Record<PresetName, MachineConfig>> = {
  default: DEFAULT,
  nn32: sized(8, 4, 128, 64, 8, 4),
  nn64: sized(8, 8, 128, 64, 16, 4),
  nn128: sized(16, 8, 256, 128, 16, 8),
  nn256: sized(16, 16, 512, 128, 32, 8),
  nn512: sized(32, 16, 512, 256, 32, 16),
  nn1024: sized(32, 32, 1024, 512, 64, 16),
  nn2048: sized(64, 32, 2048, 512, 64, 32),
  nn4096: sized(64, 64, 2048, 1024, 128, 32),
};
