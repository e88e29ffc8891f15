/** What the trace editor's two halves, extension and webview, send each other. Data of the trace comes in answers to requests only. */
import type {
  Found,
  HeatArea,
  HeatMemory,
  HeatWindow,
  Item,
  PipelineRow,
  Spot,
  TimelineInfo,
  TimelineWindow,
} from "@nnasm/sim-core/trace";
import type { Note } from "./model/timeline-spec.ts";

/** Requests about the trace: argument and answer. Answered by the worker, but for `source`. */
export interface Requests {
  /** What a stretch looks like. */
  window: [{ from: number; to: number; pixels: number }, TimelineWindow];
  /** What stands in a row at a cycle, or at most so many cycles beside it. */
  item: [{ track: string; cycle: number; tolerance: number }, Item | undefined];
  /** The next item of a row, or the one before. */
  neighbour: [{ track: string; cycle: number; forwards: boolean }, Item | undefined];
  /** What touches a stretch, for the table. */
  items: [{ from: number; to: number; limit: number }, readonly Item[]];
  search: [{ text: string; from: number; forwards: boolean }, Found | undefined];
  /** Rows of the pipeline. */
  rows: [{ first: number; count: number }, readonly PipelineRow[]];
  /** Position of the instruction that is in EX at a cycle, or the next. */
  position: [{ cycle: number }, number];
  /** Memories that the heat map can show; none when the trace has nothing of memory. */
  memories: [Record<never, never>, readonly HeatMemory[]];
  /** How often what is read and written. */
  heat: [HeatArea & { columns: number; rows: number }, HeatWindow];
  /** What happens in a cell of it. */
  heatItem: [HeatArea, Item | undefined];
  /** Lines of a source file, or none when it can't be read. */
  source: [{ file: string }, readonly string[]];
}
export type Method = keyof Requests;

export type ToWebview =
  | {
      readonly type: "opened";
      readonly info: TimelineInfo;
      readonly notes: readonly Note[];
      /** Whether the heat map of memory is what is wanted. */
      readonly memory: boolean;
    }
  | { readonly type: "failed"; readonly message: string }
  | { readonly type: "answer"; readonly id: number; readonly result: unknown }
  | { readonly type: "refused"; readonly id: number; readonly message: string }
  /** Where the debugger of the same program stands; absent: there is none, or it runs. */
  | { readonly type: "machine"; readonly isThere: boolean; readonly cycle: number | undefined }
  | { readonly type: "show"; readonly spot: Spot };

export type ToExtension =
  | { readonly type: "ready" }
  | { readonly type: "ask"; readonly id: number; readonly method: Method; readonly argument: unknown }
  | { readonly type: "open"; readonly file: string; readonly line: number }
  | { readonly type: "travel"; readonly cycle: number }
  /** The cycle that commands of the source editor go on from. */
  | { readonly type: "at"; readonly cycle: number }
  | { readonly type: "notes"; readonly notes: readonly Note[] };

type Shape = Readonly<Record<string, "number" | "string" | "boolean">>;

const SHAPES: Readonly<Record<Method, Shape>> = {
  window: { from: "number", to: "number", pixels: "number" },
  item: { track: "string", cycle: "number", tolerance: "number" },
  neighbour: { track: "string", cycle: "number", forwards: "boolean" },
  items: { from: "number", to: "number", limit: "number" },
  search: { text: "string", from: "number", forwards: "boolean" },
  rows: { first: "number", count: "number" },
  position: { cycle: "number" },
  memories: {},
  heat: { low: "number", high: "number", from: "number", to: "number", columns: "number", rows: "number" },
  heatItem: { low: "number", high: "number", from: "number", to: "number" },
  source: { file: "string" },
};

/** What a request may ask for at most, so that no message of a page makes the extension run out of memory. */
const MOST: Readonly<Record<string, number>> = {
  pixels: 32_768,
  limit: 1000,
  count: 1000,
  columns: 4096,
  rows: 1024,
};

/** Checks what came out of the webview, the less trusted half. */
export function parseToExtension(message: unknown): ToExtension | undefined {
  if (!isRecord(message)) return undefined;
  const { type } = message;
  if (type === "ready") return { type };
  if (type === "ask") {
    const { id, method, argument } = message;
    if (!isIndex(id) || typeof method !== "string" || !Object.hasOwn(SHAPES, method)) return undefined;
    const fitting = fitted(argument, SHAPES[method as Method]);
    return fitting && { type, id, method: method as Method, argument: fitting };
  }
  if (type === "open") {
    const { file, line } = message;
    return typeof file === "string" && isIndex(line) && line >= 1 ? { type, file, line } : undefined;
  }
  if (type === "travel" || type === "at") {
    const { cycle } = message;
    return isIndex(cycle) ? { type, cycle } : undefined;
  }
  if (type === "notes") {
    const { notes } = message;
    if (!Array.isArray(notes) || notes.length > 1000) return undefined;
    const checked = notes.map((note) => fitted(note, { cycle: "number", text: "string" }));
    return checked.every((note) => note !== undefined) ? { type, notes: checked as unknown as Note[] } : undefined;
  }
  return undefined;
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;
const isIndex = (value: unknown): value is number =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= 0;

/** The named properties of a value when they have their types and sizes; nothing else of it is taken over. */
function fitted(value: unknown, shape: Shape): Record<string, unknown> | undefined {
  if (!isRecord(value)) return undefined;
  const found: Record<string, unknown> = {};
  for (const [name, type] of Object.entries(shape)) {
    const one = value[name];
    if (typeof one !== type) return undefined;
    if (typeof one === "number" && (!Number.isFinite(one) || Math.abs(one) > Number.MAX_SAFE_INTEGER)) return undefined;
    if (typeof one === "number" && one > (MOST[name] ?? Number.POSITIVE_INFINITY)) return undefined;
    if (typeof one === "string" && one.length > 4096) return undefined;
    found[name] = one;
  }
  return found;
}
