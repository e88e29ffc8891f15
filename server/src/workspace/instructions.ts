/** Instruction files of projects: read when their contents change. Their modules are never loaded: a server runs no code of a workspace. */
import type { Diagnostic } from "@nnasm/sim-core/diagnostics";
import { BASE_ISA, type InstructionSet } from "@nnasm/sim-core/isa";
import { readUserInstructions, type UserInstructions } from "@nnasm/sim-core/user-isa";
import type { OwnInstructions } from "../analysis/snapshot.ts";
import type { Files } from "./files.ts";
import { resolveUri, type Uri } from "./uri.ts";

export interface ProjectInstructions {
  readonly isa: InstructionSet;
  /** Where the project's own ones are written. */
  readonly own?: OwnInstructions;
}

interface Read extends ProjectInstructions {
  readonly stamp: string;
  readonly instructions: UserInstructions | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

export const NO_INSTRUCTIONS: ProjectInstructions = { isa: BASE_ISA };

export class InstructionFiles {
  private readonly files: Files;
  private readonly read = new Map<Uri, Read>();

  constructor(files: Files) {
    this.files = files;
  }

  /** The instruction set that a file gives; while the file is broken, what it gave last. */
  of(uri: Uri): ProjectInstructions {
    return this.load(uri);
  }

  /** What is wrong with an instruction file, and whether its module is there, which may change without it. */
  diagnosticsOf(uri: Uri): readonly Diagnostic[] {
    const { instructions, diagnostics } = this.load(uri);
    if (!instructions || this.files.exists(resolveUri(uri, instructions.module))) return diagnostics;
    const missing: Diagnostic = {
      id: "instructions-module",
      severity: "error",
      message: `there is no file ${resolveUri(uri, instructions.module)}`,
      hint: '"module" is relative to the folder of the instruction file',
      file: uri,
      range: instructions.moduleRange,
    };
    return [...diagnostics, missing];
  }

  private load(uri: Uri): Read {
    const stamp = this.files.stamp(uri);
    const before = this.read.get(uri);
    if (before?.stamp === stamp) return before;
    const text = this.files.text(uri);
    // That the file is missing is said in nnp.json, which names it.
    const { instructions, diagnostics } =
      text === undefined ? { instructions: undefined, diagnostics: [] } : readUserInstructions(text, uri);
    const given: ProjectInstructions = instructions
      ? {
          isa: instructions.isa,
          own: { file: uri, places: instructions.places, module: resolveUri(uri, instructions.module) },
        }
      : text === undefined || !before
        ? NO_INSTRUCTIONS
        : before;
    const result: Read = {
      isa: given.isa,
      ...(given.own ? { own: given.own } : {}),
      stamp,
      instructions,
      diagnostics,
    };
    this.read.set(uri, result);
    return result;
  }
}
