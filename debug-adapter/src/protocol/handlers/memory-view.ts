/** What a view of all memories asks beside reading and writing them. */
import { addressOf, agent, EvaluationError, memoryMap, numberOf, searchMemory } from "../../runtime/index.ts";
import { fromBase64 } from "../base64.ts";
import { reference, wholeNumber } from "../convert.ts";
import { RequestError } from "../requests.ts";
import { protocolWatchpoint } from "./data-breakpoints.ts";
import type { Handlers } from "./handler.ts";

const MAX_PATTERN = 4096;
const MAX_COMPARED = 1024 * 1024;
const ACCESSES: readonly unknown[] = ["read", "write", "readWrite", "change"];

export const memoryViewHandlers = {
  "nnasm/address": (state, { expression }) => {
    const { value } = state.debugger.evaluate(expression, false);
    const isPlace = value.kind === "tensor" || value.kind === "pointer";
    const number = isPlace ? addressOf(value) : numberOf(value);
    if (!Number.isSafeInteger(number)) throw new EvaluationError(`${expression} is ${number}, which is no address`);
    return { address: number >>> 0 };
  },
  "nnasm/memoryMap": (state) => memoryMap(state.debugger.machine),
  "nnasm/searchMemory": (state, { pattern, from, back = false, alignment = 1 }) => {
    const bytes = fromBase64("pattern", pattern);
    if (bytes.length === 0 || bytes.length > MAX_PATTERN) {
      throw new RequestError(`what is searched for has 1 to ${MAX_PATTERN} bytes, not ${bytes.length}`);
    }
    if (wholeNumber("alignment", alignment, 0) === 0) throw new RequestError('"alignment" must be above 0', false);
    const search = { pattern: bytes, from: wholeNumber("from", from), back, alignment };
    return { address: searchMemory(state.debugger.machine, search) };
  },
  "nnasm/memoryChanges": (state, { address, count }) => {
    const { history, machine } = state.debugger;
    if (wholeNumber("count", count, 0) > MAX_COMPARED) {
      throw new RequestError(`at most ${MAX_COMPARED} bytes are compared in one request`, false);
    }
    const { lastStop } = history;
    const now = machine.simulator.readMemory(wholeNumber("address", address), count);
    const before = lastStop?.memory.readMemory(address, count);
    if (!lastStop) return { runs: [] };
    const runs: [number, number][] = [];
    for (let at = 0; now && before && at < count; at++) {
      if (now[at] === before[at]) continue;
      const last = runs.at(-1);
      if (last && last[0] + last[1] === at) last[1]++;
      else runs.push([at, 1]);
    }
    return { runs, lastStop: lastStop.cycle };
  },
  "nnasm/lastWrite": async (state, { address, bytes }) => {
    const { past, machine } = state.debugger;
    if (!machine.simulator.memories.covers(wholeNumber("address", address), wholeNumber("bytes", bytes, 1))) {
      throw new RequestError(`${bytes} bytes at ${reference(address)} don't lie within one memory`);
    }
    const hit = await past.lastWrite(address, bytes);
    if (!hit) return undefined;
    const place = machine.sources.placeOf(hit.pc);
    const where = place ? state.client.place(place) : {};
    return { text: agent(machine, hit), cycle: hit.cycle, ...where };
  },
  "nnasm/setMemoryBreakpoints": (state, { breakpoints }) => {
    const requests = breakpoints.map(({ address, bytes, access }) => {
      if (!ACCESSES.includes(access)) throw new RequestError(`"access" is one of ${ACCESSES.join(", ")}`, false);
      const place = { kind: "memory", address: wholeNumber("address", address), bytes: wholeNumber("bytes", bytes, 0) };
      return { place: place as { kind: "memory"; address: number; bytes: number }, access };
    });
    return { breakpoints: state.setWatches("view", requests).map(protocolWatchpoint) };
  },
} as const satisfies Handlers;
