/** Beginning and end of a session. */
import { ATTACHED_CAPABILITIES, CAPABILITIES } from "../capabilities.ts";
import { baseName, ClientConventions } from "../convert.ts";
import { readAttach, readLaunch } from "../launch.ts";
import { advisedBody, profileBody } from "../profile.ts";
import { RequestError } from "../requests.ts";
import type { SessionState } from "../state.ts";
import { protocolBreakpoint } from "./breakpoints.ts";
import { protocolWatchpoint } from "./data-breakpoints.ts";
import type { Handlers } from "./handler.ts";
import { loadedSources, programModule } from "./sources.ts";

/** What every client hears when a program is ready to run. */
function announce(state: SessionState, isRestart = false): void {
  const { file } = state.debugger.loaded;
  state.send("process", {
    name: file,
    isLocalProcess: false,
    startMethod: state.waiting ? "attach" : "launch",
    pointerSize: 32,
  });
  const reason = isRestart ? "changed" : "new";
  state.send("module", { reason, module: programModule(state) });
  for (const source of loadedSources(state)) state.send("loadedSource", { reason, source });
  for (const { id } of state.threads()) state.send("thread", { reason: "started", threadId: id });
  state.tellHistory();
}

export const lifecycleHandlers = {
  initialize: (state, arguments_) => {
    state.client = new ClientConventions(arguments_);
    return state.waiting ? { ...CAPABILITIES, ...ATTACHED_CAPABILITIES } : CAPABILITIES;
  },
  launch: (state, arguments_) => {
    if (state.waiting) {
      throw new RequestError('a program waits here already: set "request" to "attach" in the launch configuration');
    }
    if (state.hasProgram) throw new RequestError("a program is running already: restart it instead");
    return state.load(readLaunch(arguments_), () => {
      state.defer(() => {
        announce(state);
        // The client now sets breakpoints, which can be checked against the program, and ends with configurationDone.
        state.send("initialized");
      });
    });
  },
  attach: (state, arguments_) => {
    const { waiting } = state;
    if (!waiting) {
      throw new RequestError(
        "no program waits here: start one with `nnasm run --wait`, and attach to the port that it prints",
      );
    }
    return state.attach(waiting, readAttach(arguments_), () => {
      state.defer(() => {
        announce(state);
        state.send("initialized");
      });
    });
  },
  configurationDone: (state) => {
    const { debugger: run, attributes } = state;
    state.defer(() => {
      if (!run.hasStarted) run.start(attributes?.stopOnEntry ?? false);
      else state.showAgain();
    });
    return undefined;
  },
  restart: (state, arguments_) => {
    const { arguments: changed } = arguments_;
    const attributes = changed ? readLaunch(changed) : state.attributes;
    if (!attributes) throw new RequestError("no program is loaded: launch one first");
    // Sources are assembled again; when they have errors the old program stays as it is.
    return state.reload(attributes, () => {
      state.defer(() => {
        announce(state, true);
        for (const breakpoint of state.breakpoints.all()) {
          state.send("breakpoint", { reason: "changed", breakpoint: protocolBreakpoint(state, breakpoint) });
        }
        for (const watchpoint of state.watchpoints.all()) {
          state.send("breakpoint", { reason: "changed", breakpoint: protocolWatchpoint(watchpoint) });
        }
        state.debugger.start(attributes.stopOnEntry);
      });
    });
  },
  terminate: (state) => {
    if (state.hasProgram) {
      const { file } = state.debugger.loaded;
      state.dispose();
      state.defer(() => {
        state.output("console", `${baseName(file)}: terminated.\n`);
        state.send("terminated");
        state.waiting?.ended(undefined);
      });
    }
    return undefined;
  },
  disconnect: (state, { terminateDebuggee = state.waiting === undefined, suspendDebuggee = false }) => {
    if (state.waiting && !terminateDebuggee) state.detach(suspendDebuggee);
    else {
      state.dispose();
      state.defer(() => state.waiting?.ended(undefined));
    }
    return undefined;
  },
  terminateThreads: () => {
    throw new RequestError("units are parts of the machine and can't be ended one by one: end the program instead");
  },
  "nnasm/profile": (state, { advice = false } = {}) =>
    advice ? advisedBody(state) : profileBody(state.debugger.machine.simulator, state.debugger.loaded),
} as const satisfies Handlers;
