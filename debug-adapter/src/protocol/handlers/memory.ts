/** Memory as bytes and as instructions. */
import type { DebugProtocol } from "@vscode/debugprotocol";
import { type DisassembledInstruction, disassembleRange, readMemory, writeMemory } from "../../runtime/index.ts";
import { base64, fromBase64 } from "../base64.ts";
import { addressOfReference, reference, wholeNumber } from "../convert.ts";
import { RequestError } from "../requests.ts";
import type { SessionState } from "../state.ts";
import type { Handlers } from "./handler.ts";

/** More would not fit a message: a client that wants it all asks in parts. */
const MAX_READ_BYTES = 64 * 1024 * 1024;
const MAX_INSTRUCTIONS = 100_000;

function protocolInstruction(
  state: SessionState,
  { address, word, text, label, place }: DisassembledInstruction,
): DebugProtocol.DisassembledInstruction {
  // Clients sort by address and read hexadecimal only without a sign.
  const shown = address < 0 ? String(address) : `0x${address.toString(16).padStart(8, "0")}`;
  if (word === undefined) return { address: shown, instruction: text, presentationHint: "invalid" };
  return {
    address: shown,
    instructionBytes: word.toString(16).padStart(8, "0"),
    instruction: text,
    ...(label === undefined ? {} : { symbol: label }),
    ...(place ? location(state, place) : {}),
  };
}

function location(state: SessionState, place: NonNullable<DisassembledInstruction["place"]>) {
  const { source, line, column } = state.client.place(place);
  return { location: source, line, column };
}

export const memoryHandlers = {
  readMemory: (state, { memoryReference, offset = 0, count }) => {
    const address = addressOfReference(memoryReference) + wholeNumber("offset", offset);
    const wanted = wholeNumber("count", count, 0);
    if (wanted > MAX_READ_BYTES) {
      throw new RequestError(`${wanted} bytes are too many at once: read at most ${MAX_READ_BYTES} in one request`);
    }
    state.remember(memoryReference, offset, wanted);
    const { bytes, unreadable } = readMemory(state.debugger.machine, address, wanted);
    return {
      address: address < 0 ? String(address) : reference(address),
      ...(unreadable > 0 ? { unreadableBytes: unreadable } : {}),
      ...(bytes.length > 0 ? { data: base64(bytes) } : {}),
    };
  },
  writeMemory: (state, { memoryReference, offset = 0, data, allowPartial = false }) => {
    const address = addressOfReference(memoryReference) + wholeNumber("offset", offset);
    const bytes = fromBase64("data", data);
    const { debugger: run } = state;
    const written = run.edit(() => writeMemory(run.machine, address, bytes, allowPartial));
    if (written < bytes.length && !allowPartial) {
      throw new RequestError(`${bytes.length} bytes at ${reference(address)} don't lie within one memory`);
    }
    state.memoryChanged(address, written);
    state.invalidate(["variables"]);
    return { bytesWritten: written };
  },
  disassemble: (state, { memoryReference, offset = 0, instructionOffset = 0, instructionCount }) => {
    const count = wholeNumber("instructionCount", instructionCount, 0);
    if (count > MAX_INSTRUCTIONS) throw new RequestError(`at most ${MAX_INSTRUCTIONS} instructions at once`, false);
    const base = addressOfReference(memoryReference) + wholeNumber("offset", offset);
    // Instructions are words: an address within one means the whole of it.
    const start = Math.floor(base / 4) * 4 + wholeNumber("instructionOffset", instructionOffset) * 4;
    const instructions = disassembleRange(state.debugger.machine, start, count);
    return { instructions: instructions.map((instruction) => protocolInstruction(state, instruction)) };
  },
} as const satisfies Handlers;
