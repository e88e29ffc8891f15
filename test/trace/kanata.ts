/**
 * A strict reader of the Kanata log format 0004, written from its description (Konata's docs/kanata-log-format.md). What the
 * description leaves open is refused as well: another reader may not take it.
 */

/** From the cycle in which it begins up to the one in which it ends. */
export interface KanataStage {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

export interface KanataInstruction {
  /** Number in the simulator, and thread. */
  readonly number: number;
  readonly thread: number;
  /** Beside the picture, and shown with the pointer on it. */
  readonly label: string;
  readonly hover: string;
  readonly lanes: ReadonlyMap<number, readonly KanataStage[]>;
  readonly retired: { readonly number: number; readonly flushed: boolean; readonly cycle: number };
}

interface Growing {
  readonly number: number;
  readonly thread: number;
  label: string;
  hover: string;
  readonly lanes: Map<number, KanataStage[]>;
  readonly open: Map<number, { name: string; from: number }>;
  retired: KanataInstruction["retired"] | undefined;
}

/** Columns behind the command. */
const COLUMNS: Readonly<Record<string, number>> = { "C=": 1, C: 1, I: 3, L: 3, S: 3, E: 3, R: 3, W: 3 };

/** @throws Error with the line that the format doesn't allow */
export function readKanata(text: string): KanataInstruction[] {
  const all: Growing[] = [];
  let cycle: number | undefined;
  const lines = text.split("\n");
  if (lines.pop() !== "") throw new Error("the last line has no end");
  for (const [at, line] of lines.entries()) {
    const refuse = (why: string): never => {
      throw new Error(`line ${at + 1}, "${line}": ${why}`);
    };
    const [command = "", ...columns] = line.split("\t");
    if (at === 0) {
      if (line !== "Kanata\t0004") refuse("no header of version 4");
      continue;
    }
    if (COLUMNS[command] !== columns.length) refuse("an unknown command, or another number of columns");
    const number = (column: number): number => {
      const value = columns[column]!;
      return /^(0|[1-9]\d*)$/.test(value) ? Number(value) : refuse(`column ${column + 1} is no number`);
    };
    const instruction = (column: number): Growing => all[number(column)] ?? refuse("no such instruction");
    const alive = (): Growing => {
      const one = instruction(0);
      return one.retired ? refuse("the instruction has ended") : one;
    };
    if (command === "C=") {
      if (cycle !== undefined) refuse("time has begun before");
      cycle = number(0);
      continue;
    }
    if (cycle === undefined) throw new Error(`line ${at + 1}: no time has been set`);
    const now = cycle;
    const end = (one: Growing, lane: number): void => {
      const open = one.open.get(lane);
      if (!open) return;
      one.open.delete(lane);
      one.lanes.set(lane, [...(one.lanes.get(lane) ?? []), { ...open, to: now }]);
    };
    switch (command) {
      case "C":
        if (number(0) === 0) refuse("time must go on");
        cycle += number(0);
        break;
      case "I":
        if (number(0) !== all.length) refuse("instructions are numbered one after the other");
        all.push({
          number: number(1),
          thread: number(2),
          label: "",
          hover: "",
          lanes: new Map(),
          open: new Map(),
          retired: undefined,
        });
        break;
      case "L":
        if (number(1) > 1) refuse("no such kind of text");
        if (number(1) === 0) alive().label += columns[2];
        else alive().hover += columns[2];
        break;
      case "S":
        if (!/^\S+$/.test(columns[2]!)) refuse("a stage needs a name");
        end(alive(), number(1));
        alive().open.set(number(1), { name: columns[2]!, from: now });
        break;
      case "E":
        if (alive().open.get(number(1))?.name !== columns[2]) refuse("this stage is not under way");
        end(alive(), number(1));
        break;
      case "W":
        if (instruction(1) === alive()) refuse("an instruction doesn't wait for itself");
        if (number(2) !== 0) refuse("no such kind of dependency");
        break;
      default: {
        if (number(2) > 1) refuse("an instruction retires or is flushed");
        const one = alive();
        for (const lane of [...one.open.keys()]) end(one, lane);
        one.retired = { number: number(1), flushed: number(2) === 1, cycle: now };
      }
    }
  }
  return all.map(({ open: _, ...one }, id) => {
    if (!one.retired) throw new Error(`instruction ${id} never ends`);
    return { ...one, retired: one.retired };
  });
}
