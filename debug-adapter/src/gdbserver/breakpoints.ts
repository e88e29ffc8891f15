/** Breakpoints and watchpoints that a remote debugger has planted. */
import type { BreakpointRequest, Breakpoints, WatchAccess, Watchpoints, WatchRequest } from "../runtime/index.ts";
import { RemoteError } from "./errors.ts";

/** Kinds of the packets `Z` and `z`. */
export const POINT_KINDS = ["software", "hardware", "write", "read", "access"] as const;
export type PointKind = (typeof POINT_KINDS)[number];

const ACCESS: Readonly<Record<Exclude<PointKind, "software" | "hardware">, WatchAccess>> = {
  write: "write",
  read: "read",
  access: "readWrite",
};

/** Watching more makes every access slower, and no debugger asks for it. */
const MAX_WATCHED = 0x10000;

export class BreakpointTable {
  private readonly breakpoints: Breakpoints;
  private readonly watchpoints: Watchpoints;
  private readonly changed: () => void;
  private readonly code = { software: new Set<number>(), hardware: new Set<number>() };
  private readonly data = new Map<string, WatchRequest>();

  /** @param changed called when the machine has to plant anew */
  constructor(breakpoints: Breakpoints, watchpoints: Watchpoints, changed: () => void) {
    this.breakpoints = breakpoints;
    this.watchpoints = watchpoints;
    this.changed = changed;
  }

  /** Inserting twice is inserting once. @throws RemoteError when nothing can stand there */
  insert(kind: PointKind, address: number, bytes: number): void {
    if (kind === "software" || kind === "hardware") {
      this.code[kind].add(address);
      this.place(kind);
      const planted = this.breakpoints
        .all()
        .find(({ request: { place } }) => place.kind === "instruction" && place.address === address);
      if (planted?.problem === undefined) return;
      this.remove(kind, address, bytes);
      throw new RemoteError("memory", planted.problem);
    }
    if (bytes > MAX_WATCHED) throw new RemoteError("invalid", `at most ${MAX_WATCHED} bytes can be watched at once`);
    const request: WatchRequest = { place: { kind: "memory", address, bytes }, access: ACCESS[kind] };
    const key = JSON.stringify(request);
    this.data.set(key, request);
    const problem = this.watch().find(({ request: known }) => JSON.stringify(known) === key)?.problem;
    if (problem === undefined) return;
    this.remove(kind, address, bytes);
    throw new RemoteError("memory", problem);
  }

  /** Removing what isn't there is no error. */
  remove(kind: PointKind, address: number, bytes: number): void {
    if (kind === "software" || kind === "hardware") {
      this.code[kind].delete(address);
      this.place(kind);
      return;
    }
    this.data.delete(JSON.stringify({ place: { kind: "memory", address, bytes }, access: ACCESS[kind] }));
    this.watch();
  }

  clear(): void {
    this.data.clear();
    this.watch();
    for (const kind of ["software", "hardware"] as const) {
      this.code[kind].clear();
      this.place(kind);
    }
  }

  /** Which kind of breakpoint stands at the address; software ones win, as they would in hardware. */
  kindAt(address: number): "software" | "hardware" | undefined {
    return this.code.software.has(address) ? "software" : this.code.hardware.has(address) ? "hardware" : undefined;
  }

  private place(kind: "software" | "hardware"): void {
    const requests = [...this.code[kind]].map(
      (address): BreakpointRequest => ({ place: { kind: "instruction", address } }),
    );
    this.breakpoints.replace(kind, requests);
    this.changed();
  }

  private watch() {
    const watches = this.watchpoints.replace([...this.data.values()]);
    this.changed();
    return watches;
  }
}
