/** Source files and modules. */
import type { DebugProtocol } from "@vscode/debugprotocol";
import { listingName, listingOf, readText } from "../../runtime/index.ts";
import { baseName, reference, sourceOf } from "../convert.ts";
import { RequestError } from "../requests.ts";
import type { SessionState } from "../state.ts";
import type { Handlers } from "./handler.ts";
import { PROGRAM_MODULE } from "./stack.ts";

export const sourceHandlers = {
  loadedSources: (state) => ({ sources: loadedSources(state) }),
  source: (state, { source, sourceReference }) => {
    if ((source?.sourceReference ?? sourceReference) === LISTING) {
      return { content: listingOf(state.debugger.machine).text, mimeType: "text/x-nnasm" };
    }
    const file = source?.path;
    const text = file === undefined ? undefined : readText(state.files, file);
    if (text === undefined) throw new RequestError(`there is no source ${file ?? "without a path"}`, false);
    return { content: text, mimeType: "text/x-nnasm" };
  },
  modules: (state, { startModule = 0, moduleCount = 0 }) => {
    const modules = [programModule(state)].slice(startModule, moduleCount > 0 ? startModule + moduleCount : undefined);
    return { modules, totalModules: 1 };
  },
  locations: (state, { locationReference }) => {
    const place = state.locations.get(locationReference);
    if (!place) throw new RequestError("this location belongs to an earlier stop", false);
    return state.client.place(place);
  },
} as const satisfies Handlers;

/** Files that the program's code comes from. */
export const loadedSources = (state: SessionState): DebugProtocol.Source[] => [
  ...[...new Set(state.debugger.machine.sources.files)].map((file) => ({
    ...sourceOf(file),
    ...checksums(state, file),
  })),
  listingSource(state),
];

/** Reference of the listing of all code, a text that is in no file. */
export const LISTING = 1;

export const listingSource = ({ debugger: { loaded } }: SessionState): DebugProtocol.Source => ({
  name: listingName(loaded.file),
  sourceReference: LISTING,
  origin: "made from the program's code",
  presentationHint: "deemphasize",
});

/** By which a client can tell that a file isn't any more what the program was made of. */
function checksums({ files }: SessionState, file: string): Pick<DebugProtocol.Source, "checksums"> {
  const read = files.read(file);
  if (!files.sha256 || "problem" in read) return {};
  return { checksums: [{ algorithm: "SHA256", checksum: files.sha256(read.bytes) }] };
}

const sum = (segments: readonly { readonly memoryBytes: number }[]): number =>
  segments.reduce((total, { memoryBytes }) => total + memoryBytes, 0);

/** The program is the only module; its sizes stand in columns of their own. */
export function programModule(state: SessionState): DebugProtocol.Module & Record<string, unknown> {
  const { loaded, machine } = state.debugger;
  const code = machine.program.segments.find(({ executable }) => executable);
  const range = code && `${reference(code.address)}-${reference(code.address + code.memoryBytes)}`;
  return {
    id: PROGRAM_MODULE,
    name: baseName(loaded.file),
    path: loaded.file,
    isUserCode: true,
    symbolStatus: machine.program.lines.length > 0 ? "Symbols and lines loaded." : "No line information.",
    symbolFilePath: loaded.file,
    codeBytes: sum(machine.program.segments.filter(({ executable }) => executable)),
    dataBytes: sum(machine.program.segments.filter(({ executable }) => !executable)),
    tensors: machine.program.tensors.length,
    layers: machine.program.layers.length,
    ...(range === undefined ? {} : { addressRange: range }),
  };
}
