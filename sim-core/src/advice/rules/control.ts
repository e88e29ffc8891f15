/** The control unit's own cycles. */
import type { ProfiledPlace } from "../../profile/index.ts";
import type { CuCause } from "../../units/index.ts";
import type { Facts } from "../facts.ts";
import { type Draft, percent, type Rule } from "../model.ts";

/** Cycles of the control unit that are its own work. */
function ownCycles({ profile }: Facts): number {
  const { tokenWait, queueFull, drain } = profile.total.cu;
  return profile.cycles - tokenWait - queueFull - drain;
}

/** Cycles that the run would be shorter without so many cycles of the control unit's own. */
export const savedOf = (facts: Facts, cycles: number): number => {
  const own = ownCycles(facts);
  return own === 0 ? 0 : facts.saved({ ownWork: Math.max(0, 1 - cycles / own) });
};

export const share = (facts: Facts, cycles: number): number => Math.round((cycles / facts.profile.cycles) * 1000) / 10;

interface Stall {
  readonly id: string;
  readonly title: string;
  readonly why: string;
  readonly cause: CuCause;
  readonly least: number;
  /** Cycles that an access would still cost after the edit, per retirement of the line. */
  readonly edit: (place: string) => string;
  readonly confidence: Draft["confidence"];
}

/** How often the instruction of a line that runs most often has retired: a pseudo-instruction is several. */
function timesOf({ profile }: Facts): ReadonlyMap<string, number> {
  const retired = new Map<number, number>();
  for (const { instruction, retired: count } of profile.parts) {
    retired.set(instruction, (retired.get(instruction) ?? 0) + count);
  }
  const times = new Map<string, number>();
  for (const [instruction, count] of retired) {
    const key = lineKey(profile.instructions[instruction]!);
    times.set(key, Math.max(times.get(key) ?? 0, count));
  }
  return times;
}

const lineKey = ({ address, file, line }: ProfiledPlace): string =>
  file === undefined ? String(address) : `${file}:${line}`;

/** A rule about one cause of the control unit's cycles, line by line. */
const stallRule = ({ id, title, why, cause, least, edit, confidence }: Stall): Rule => ({
  id,
  title,
  why,
  needs: "profile",
  thresholds: { share: percent(least, "the line's cycles of this kind, of the run") },
  evaluate(facts) {
    const times = timesOf(facts);
    return facts.profile.lines.flatMap((line): Draft[] => {
      // The first fetch is nobody's fault.
      const first = cause === "fetch" && line.address === facts.program.entry ? 4 : 0;
      // A line that loads a descriptor does nothing else: all of it would go.
      const cycles = cause === "descriptor" && line.cu.descriptor > 0 ? line.cycles : line.cu[cause] - first;
      const actual = share(facts, cycles);
      const retired = times.get(lineKey(line)) ?? 0;
      if (actual < least || retired < 2) return [];
      return [
        {
          message: `${cycles} cycles in ${retired} times at ${facts.placeText(line.address)}`,
          addresses: [line.address],
          measured: [
            { name: "cycles", value: cycles, unit: "cycles" },
            { name: "retired", value: retired, unit: "times" },
          ],
          crossed: ["share", actual],
          savedCycles: savedOf(facts, cycles),
          edit: edit(facts.placeText(line.address)),
          confidence,
        },
      ];
    });
  },
});

export const LOAD_USE = stallRule({
  id: "load-use",
  title: "a loaded value is used before it is there",
  why: "A loaded value can be used three cycles behind the load; what stands in between is free.",
  cause: "loadUse",
  least: 5,
  edit: (place) =>
    `move up to two instructions that don't need the loaded value in front of ${place}, or load one pass ahead`,
  confidence: "medium",
});

export const PRODUCT_USE = stallRule({
  id: "product-use",
  title: "a product is used before it is there",
  why: "A product can be used three cycles behind the multiplication; what stands in between is free.",
  cause: "mulUse",
  least: 5,
  edit: (place) => `move up to two instructions that don't need the product in front of ${place}`,
  confidence: "medium",
});

export const DIVIDE = stallRule({
  id: "divide",
  title: "divisions in a hot place",
  why: "A division keeps the control unit busy for cu.divideCycles, a shift or a multiplication for one.",
  cause: "divide",
  least: 5,
  edit: (place) =>
    `at ${place}: for a power of two srli and andi; for another constant mulhu by its reciprocal and a shift`,
  confidence: "medium",
});

export const DDR_DATA = stallRule({
  id: "ddr-data",
  title: "the control unit loads or stores in DDR",
  why: "Each access of the control unit to DDR waits for a whole burst and its latency; data memory answers at once.",
  cause: "ddr",
  least: 5,
  edit: (place) => `keep what ${place} accesses in DM (.data, .rodata, .bss), or bring it there with dma.ld first`,
  confidence: "medium",
});

export const DDR_CODE = stallRule({
  id: "ddr-code",
  title: "code runs from DDR",
  why: "Code in DDR is fetched burst by burst, each with its latency.",
  cause: "fetch",
  least: 2,
  edit: (place) => `put the code at ${place} into the program memory (.text)`,
  confidence: "medium",
});

export const SLOW_DATA = stallRule({
  id: "slow-data",
  title: "the control unit reads tables in PM or WM",
  why: "Data accesses to the program memory wait for its fetch port, those to the weight memory four cycles.",
  cause: "memory",
  least: 5,
  edit: (place) => `put what ${place} accesses into DM (.data, .rodata)`,
  confidence: "exact",
});

export const DESCRIPTOR_RELOAD = stallRule({
  id: "descriptor-reload",
  title: "descriptors are loaded again and again",
  why: "td.ld takes six cycles of the control unit; a register keeps its descriptor, td.mv and td.adv take one.",
  cause: "descriptor",
  least: 5,
  edit: (place) =>
    `take td.ld at ${place} out of the loop and keep its descriptor in a register of its own; td.adv moves it on`,
  confidence: "medium",
});

const OPCODE = { branch: 0x63, jalr: 0x67, jal: 0x6f, system: 0x73, custom2: 0x5b } as const;
const CONTROL: ReadonlySet<number> = new Set([OPCODE.branch, OPCODE.jalr, OPCODE.jal, OPCODE.system]);

export function wordAt({ program }: Facts, address: number): number | undefined {
  const segment = program.segments.find(
    (one) => address >= one.address && address + 4 <= one.address + one.bytes.length,
  );
  if (!segment) return undefined;
  return new DataView(segment.bytes.buffer, segment.bytes.byteOffset).getUint32(address - segment.address, true);
}

function branchOffset(word: number): number {
  const low = ((word >>> 7) & 0x1e) | ((word >>> 20) & 0x7e0) | ((word << 4) & 0x800);
  return (word >> 31) * 4096 + low;
}

/** The counting loop that a branch closes: its first instruction, and whether the counter is only counted. */
function countedLoop(facts: Facts, branch: number): { first: number; decrement: number } | undefined {
  const word = wordAt(facts, branch);
  if (word === undefined || (word & 0x7f) !== OPCODE.branch) return undefined;
  const [rs1, rs2, funct3] = [(word >>> 15) & 31, (word >>> 20) & 31, (word >>> 12) & 7];
  const offset = branchOffset(word);
  // bnez COUNTER, START
  if (offset >= 0 || funct3 !== 1 || rs2 !== 0 || rs1 === 0) return undefined;
  let decrement = 0;
  for (let address = branch + offset; address < branch; address += 4) {
    const each = wordAt(facts, address);
    if (each === undefined || CONTROL.has(each & 0x7f)) return undefined;
    const counts = each >>> 0 === ((0xfff << 20) | (rs1 << 15) | (rs1 << 7) | 0x13) >>> 0;
    if (counts && decrement === 0) decrement = address;
    else if (((each >>> 7) & 31) === rs1) return undefined;
    else if (((each >>> 15) & 31) === rs1 || (((each >>> 20) & 31) === rs1 && (each & 0x7f) !== 0x13)) return undefined;
  }
  // A body needs two instructions beside the counting.
  return decrement === 0 || -offset < 12 ? undefined : { first: branch + offset, decrement };
}

export const HARDWARE_LOOP: Rule = {
  id: "hardware-loop",
  title: "a loop that counts in software",
  why: "A hardware loop goes back without a branch, without its bubbles and without counting.",
  needs: "profile",
  thresholds: { share: percent(5, "cycles of counting and going back, of the run") },
  evaluate(facts) {
    const retired = (address: number): number =>
      facts.profile.lines.find((line) => line.address === address)?.retired ?? 0;
    return facts.profile.lines.flatMap((line): Draft[] => {
      const { address, cu } = line;
      const loop = cu.branch > 0 ? countedLoop(facts, address) : undefined;
      if (!loop) return [];
      const cycles = cu.branch + line.retired + retired(loop.decrement);
      const actual = share(facts, cycles);
      if (actual < this.thresholds.share!.value) return [];
      const passes = line.retired;
      return [
        {
          message: `${passes} passes spend ${cycles} cycles on counting and on the branch back`,
          addresses: [address, loop.decrement],
          measured: [
            { name: "counting and branching", value: cycles, unit: "cycles" },
            { name: "passes", value: passes, unit: "times" },
          ],
          crossed: ["share", actual],
          savedCycles: savedOf(facts, cycles),
          edit: `lp.setup L0, COUNTER, END in front of ${facts.placeText(loop.first)} with the label END behind the body, without the addi at ${facts.placeText(loop.decrement)} and the branch at ${facts.placeText(address)} (L1 if L0 is in use)`,
          confidence: "exact",
        },
      ];
    });
  },
};
