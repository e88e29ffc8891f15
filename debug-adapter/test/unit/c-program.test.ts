/** Debugging in C lines: steps, expressions over C's types, values set by hand. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { describeWith, EXTERNALS, ROOT } from "../../../test/tools/index.ts";
import { nodeFiles, nodeScheduler } from "../../src/host/node.ts";
import {
  BreakpointIds,
  type BreakpointPlace,
  Breakpoints,
  complete,
  controlFrames,
  controlScopes,
  Debugger,
  EventFilters,
  lineFromOne,
  loadProgram,
  type StopCause,
  valueNode,
  Watchpoints,
} from "../../src/runtime/index.ts";

const SOURCE = path.join(ROOT, "test/gdb/types.c");

class Session {
  readonly run: Debugger;
  private readonly breakpoints: Breakpoints;
  private wake: (stop: StopCause | undefined) => void = () => {};

  constructor(elf: string) {
    const ids = new BreakpointIds();
    this.breakpoints = new Breakpoints(ids);
    this.run = new Debugger(loadProgram(nodeFiles, { program: elf }), {
      host: nodeFiles,
      scheduler: nodeScheduler,
      breakpoints: this.breakpoints,
      watchpoints: new Watchpoints(ids),
      eventFilters: new EventFilters(),
      listener: {
        stopped: (cause) => this.wake(cause),
        ended: () => this.wake(undefined),
        output: () => {},
        log: () => {},
        found: () => {},
        travelling: () => {},
        failed: (error) => {
          throw error;
        },
      },
    });
  }

  /** Does something that runs the machine, and gives the line where it stops. */
  async after(action: () => void): Promise<string> {
    await new Promise<void>((resolve) => {
      this.wake = () => resolve();
      action();
    });
    const [frame] = controlFrames(this.run.machine);
    return `${frame!.title}:${frame!.place?.line}`;
  }

  to(place: BreakpointPlace, condition?: string): Promise<string> {
    this.breakpoints.replace("one", [{ place, ...(condition === undefined ? {} : { condition }) }]);
    this.run.plant();
    return this.after(() => this.run.continue());
  }

  value(text: string, frame = 0): string {
    const { value, format } = this.run.evaluate(text, true, controlFrames(this.run.machine)[frame]);
    return valueNode(this.run.machine, text, value, { hex: false }, format).value;
  }

  scope(name: string, frame = 0) {
    const { machine } = this.run;
    return controlScopes(machine, controlFrames(machine)[frame]).find((one) => one.name === name)!;
  }

  node(scope: string, name: string) {
    return this.scope(scope).named!({ hex: false }).find((node) => node.name === name)!;
  }
}

describeWith(EXTERNALS.riscvGcc, "C programs", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "nnasm-c-"));
  const elf = path.join(folder, "types.elf");
  let session: Session;
  beforeAll(() => {
    const kit = (name: string) => path.join(ROOT, "sdk", name);
    const flags = ["-march=rv32im", "-mabi=ilp32", "-ffreestanding", "-nostdlib", "-g", "-O0", "-T", kit("nnp.ld")];
    execFileSync("riscv64-unknown-elf-gcc", [...flags, kit("crt0.S"), kit("string.c"), SOURCE, "-lgcc", "-o", elf]);
  });
  beforeEach(() => {
    session = new Session(elf);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const depth: BreakpointPlace = { kind: "function", name: "depth" };

  it("stops in functions behind their frame, and steps by lines, into, over and out", async () => {
    expect(await session.to({ kind: "function", name: "main" })).toBe("main:79");
    const { run } = session;
    expect(await session.after(() => run.step("line", false))).toBe("main:80");
    expect(await session.after(() => run.step("line", false))).toBe("main:81");
    expect(await session.after(() => run.step("line", true))).toBe("depth:40");
    expect(session.value("level")).toBe("1");
    expect(await session.after(() => run.step("line", false))).toBe("depth:41");
    expect(session.value("here")).toBe("10 (0xa)");
    expect(await session.after(() => run.step("line", false))).toBe("depth:43");
    expect(await session.after(() => run.step("line", false))).toBe("depth:44");
    // The block's variable hides the function's.
    expect(session.value("here")).toBe("67305985 (0x4030201)");
    expect(await session.after(() => run.stepOut())).toBe("main:81");
    expect(await session.after(() => run.step("line", false))).toBe("main:82");
    expect(await session.after(() => run.travel.stepBack("line", false))).toBe("main:81");
  });

  it("shows the frames of a recursion, each with its own variables", async () => {
    expect(await session.to(depth, "!list")).toBe("depth:40");
    const frames = controlFrames(session.run.machine).map(({ title }) => title);
    expect(frames).toEqual(["depth", "depth", "depth", "depth", "main", "_start"]);
    expect([0, 1, 2, 3].map((at) => session.value("level", at))).toEqual(["8", "7", "6", "2"]);
    expect(session.value("list->name", 3)).toMatch(/^0x[\da-f]{8} .*"first"$/);
    expect(() => session.value("level", 4)).toThrow("there is no register or symbol level");
    expect(session.value("result", 4)).toMatch(/^-?\d+/);
  });

  it("evaluates members, elements, pointers and arithmetic as C does", async () => {
    await session.to(depth);
    const { value } = session;
    const of = (text: string): string => value.call(session, text);
    expect(of("list->colour")).toBe("GREEN (5)");
    expect(of("nodes[1].colour")).toBe("BLUE (-3)");
    expect(of("list->next->bits.middle")).toBe("63 (0x3f)");
    expect(of("nodes[0].bits.middle")).toBe("-9 (0xfffffff7)");
    expect(of("nodes[1].bits.high")).toBe("4194303 (0x3fffff)");
    expect(of("(*list).word == 0x04030201")).toBe("1");
    expect(of("list->bytes[2]")).toBe("3 '\\x03'");
    expect(of("(list + 1)->word")).toBe("-1 (0xffffffff)");
    expect(of("&nodes[2] - 0 == list + 2")).toBe("1");
    expect(of("&nodes[1] == list->next")).toBe("1");
    expect(of("matrix[1][2] * matrix[2][3]")).toBe("-84 (0xffffffac)");
    expect(of("matrix[1]")).toBe("{5, -6 (0xfffa), 7, -8 (0xfff8)}");
    expect(of("text")).toBe('"ab\\tc"');
    expect(of("single * 2")).toBe("-3");
    expect(of("twice")).toBe("0.1");
    expect(of("wide")).toBe("-1234567890123 (0xfffffee08e04fb35)");
    expect(of("unsigned_wide")).toBe("18446744073709551557 (0xffffffffffffffc5)");
    expect(of("small")).toBe("-7 '\\xf9'");
    expect(of("yes ? level : 0")).toBe("1");
    expect(of("nodes[0].function")).toMatch(/<square>$/);
    expect(of("*matrix[0],x")).toBe("0x0001");
    expect(of("$sp == sp")).toBe("1");
  });

  it("completes the names of variables that are seen in the frame", async () => {
    await session.to(depth);
    const names = (text: string) => complete(session.run.machine, text, text.length).items.map(({ name }) => name);
    expect(names("lev")).toEqual(["level"]);
    expect(names("matr")).toEqual(["matrix"]);
    expect(names("resul")).toEqual([]);
  });

  it("says what is wrong with an expression", async () => {
    await session.to(depth);
    const failing = (text: string) => expect(() => session.value(text), text);
    failing("list->colur").toThrow("has no member colur; did you mean colour?");
    failing("level.x").toThrow("has no members");
    failing("nodes[0] + 1").toThrow("is no number: name a member");
    failing("nodes = 1").toThrow("only registers, memory and elements");
    failing("a0.x").toThrow();
  });

  it("sets variables, members, enumerations, bit fields and characters", async () => {
    await session.to(depth);
    const { run } = session;
    session.value("level = 41");
    expect(session.value("level + 1")).toBe("42 (0x2a)");
    session.value("list->bits.middle = -1");
    expect([session.value("list->bits.low"), session.value("list->bits.middle")]).toEqual(["5", "-1 (0xffffffff)"]);
    session.value("twice = 0.25");
    expect(session.value("twice")).toBe("0.25");
    session.node("Arguments", "level").set!("7");
    expect(session.value("level")).toBe("7");
    const nodes = session.node("Globals", "nodes");
    const [first] = nodes.children!.indexed!.at(0, 1, { hex: false });
    first!.children!.named!({ hex: false }).find(({ name }) => name === "colour")!.set!("BLUE");
    expect(session.value("nodes[0].colour")).toBe("BLUE (-3)");
    const [letter] = session.node("Globals", "text").children!.indexed!.at(0, 1, { hex: false });
    letter!.set!("'x'");
    expect(session.value("text[0]")).toBe("120 'x'");
    session.value("list = &nodes[2]");
    expect(session.value("list->name")).toContain("third");
    expect(run.machine.simulator.state.retired).toBeGreaterThan(0);
  });

  it("stops at lines under conditions over variables", async () => {
    const place: BreakpointPlace = { kind: "line", file: SOURCE, line: lineFromOne(53) };
    expect(await session.to(place, "row == 2 && rows[row][1] == -10")).toBe("sum:53");
    // 1 - 2 + 3 - 4 + 5 - 6 + 7 - 8
    expect(session.value("total")).toBe("-4 (0xfffffffffffffffc)");
    expect([session.value("row"), session.value("rows[row][3]")]).toEqual(["2", "-12 (0xfff4)"]);
  });
});
