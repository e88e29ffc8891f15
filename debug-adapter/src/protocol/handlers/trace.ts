/** Traces of stretches of the run, for views that show them. */
import { traceStretch } from "../../runtime/index.ts";
import { wholeNumber } from "../convert.ts";
import { RequestError } from "../requests.ts";
import type { Handlers } from "./handler.ts";

export const traceHandlers = {
  "nnasm/trace": async (state, { fromCycle, toCycle, path }) => {
    const { debugger: run, files, scheduler } = state;
    const stretch = {
      fromCycle: wholeNumber("fromCycle", fromCycle, 0),
      toCycle: wholeNumber("toCycle", toCycle, 0),
      name: run.loaded.file.split(/[\\/]/).at(-1)!,
    };
    const file = files.create?.(path) ?? { problem: "no files can be written here" };
    if ("problem" in file) throw new RequestError(`${path}: ${file.problem}`);
    try {
      return { path, toCycle: await traceStretch(run, scheduler, stretch, (bytes) => file.write(bytes)) };
    } finally {
      file.close();
    }
  },
} as const satisfies Handlers;
