/** Source files and modules. */
import { readText } from "../../runtime/index.ts";
import { baseName, sourceOf } from "../convert.ts";
import { RequestError } from "../requests.ts";
import type { Handlers } from "./handler.ts";
import { PROGRAM_MODULE } from "./stack.ts";

export const sourceHandlers = {
  loadedSources: (state) => {
    const { machine } = state.debugger;
    return { sources: [...new Set(machine.sources.files)].map(sourceOf) };
  },
  source: (state, { source }) => {
    const file = source?.path;
    const text = file === undefined ? undefined : readText(state.files, file);
    if (text === undefined) throw new RequestError(`there is no source ${file ?? "without a path"}`, false);
    return { content: text, mimeType: "text/x-nnasm" };
  },
  modules: (state, { startModule = 0, moduleCount = 0 }) => {
    const { loaded, machine } = state.debugger;
    const segments = machine.program.segments.filter(({ executable }) => executable);
    const [first] = segments;
    const module = {
      id: PROGRAM_MODULE,
      name: baseName(loaded.file),
      path: loaded.file,
      isUserCode: true,
      symbolStatus: machine.program.lines.length > 0 ? "Symbols and lines loaded." : "No line information.",
      symbolFilePath: loaded.file,
      ...(first
        ? { addressRange: `0x${first.address.toString(16)}-0x${(first.address + first.memoryBytes).toString(16)}` }
        : {}),
    };
    const modules = [module].slice(startModule, moduleCount > 0 ? startModule + moduleCount : undefined);
    return { modules, totalModules: 1 };
  },
} as const satisfies Handlers;
