/** The project's own instructions: their file, and for what runs programs the module that says what they do. */
import { statSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { InstructionSet } from "@nnasm/sim-core/isa";
import { bindModule, readUserInstructions } from "@nnasm/sim-core/user-isa";
import { DiagnosticsError, UserError } from "./errors.ts";
import { readFile, reasonOf } from "./files.ts";

export interface OwnInstructions {
  /** The machine's instructions and the project's own ones, without what these do. */
  readonly isa: InstructionSet;
  /** ES module that says what they do, relative to the current folder. */
  readonly module: string;
}

/**
 * @param configFile the nnp.json that names the file, relative to the current folder
 * @param name the file as nnp.json names it
 * @throws UserError or DiagnosticsError
 */
export function readInstructions(cwd: string, configFile: string, name: string): OwnInstructions {
  const file = path.join(path.dirname(configFile), name);
  if (!statSync(path.resolve(cwd, file), { throwIfNoEntry: false })?.isFile()) {
    throw new UserError(`${configFile} names ${file} under "instructions", and there is no such file`);
  }
  const text = Buffer.from(readFile(cwd, file)).toString("utf8");
  const { instructions, diagnostics } = readUserInstructions(text, file);
  if (!instructions) throw new DiagnosticsError(diagnostics);
  return { isa: instructions.isa, module: path.join(path.dirname(file), instructions.module) };
}

/**
 * Loads the module: from here on code of the project runs in this process. Commands that run programs do that, no others.
 * @throws UserError when there is no such module, or it doesn't fit the instruction file
 */
export async function withModule(cwd: string, { isa, module }: OwnInstructions): Promise<InstructionSet> {
  const absolute = path.resolve(cwd, module);
  if (!statSync(absolute, { throwIfNoEntry: false })?.isFile()) {
    throw new UserError(`cannot load ${module}: no such file`, '"module" in the instruction file names it');
  }
  let namespace: unknown;
  try {
    namespace = await import(pathToFileURL(absolute).href);
  } catch (error) {
    const hint = module.endsWith(".mjs")
      ? undefined
      : "an ES module's name ends with .mjs where no package.json says otherwise";
    throw new UserError(`cannot load ${module}: ${reasonOf(error)}`, hint);
  }
  const bound = bindModule(isa, namespace, module);
  if ("problems" in bound) throw new UserError(bound.problems.join("\n"));
  return bound.isa;
}
