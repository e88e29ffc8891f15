/** The repository's programs, and the command that runs them, without a process for each. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import pc from "picocolors";
import { runCommandLine } from "../../cli/src/command.ts";
import type { Output } from "../../cli/src/io.ts";
import { ROOT } from "../tools/index.ts";

const FOLDERS = ["test-fixtures", "debug-adapter/test/programs"];

/** All programs of the fixtures, relative to the checkout: sources with an entry that no other source includes. */
export function fixturePrograms(): string[] {
  const sources = FOLDERS.flatMap((folder) =>
    readdirSync(path.join(ROOT, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".nnasm") && name !== "errors.nnasm")
      .map((name) => path.posix.join(folder, name)),
  );
  const text = new Map(sources.map((file) => [file, readFileSync(path.join(ROOT, file), "utf8")]));
  const included = new Set(
    sources.flatMap((file) =>
      [...text.get(file)!.matchAll(/^\s*\.include\s+"(.+?)"/gm)].map(([, name]) =>
        path.posix.join(path.posix.dirname(file), name!),
      ),
    ),
  );
  const hasEntry = (file: string): boolean => {
    const includes = [...text.get(file)!.matchAll(/^\s*\.include\s+"(.+?)"/gm)].map(([, name]) =>
      path.posix.join(path.posix.dirname(file), name!),
    );
    return [file, ...includes].some((name) => /^_start:/m.test(text.get(name) ?? ""));
  };
  return sources.filter((file) => !included.has(file) && hasEntry(file)).sort();
}

/** Cycles after which a run is cut: those of the fixtures that end by themselves are shorter, but for the network. */
export const limitOf = (program: string): number => (program.includes("fashion") ? 5_000_000 : 20_000);

/** Runs the `nnasm` command in this process. */
export async function nnasm(...args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const pieces: Record<"out" | "err", Buffer[]> = { out: [], err: [] };
  const output = (stream: "out" | "err"): Output => ({
    write: (data) => void pieces[stream].push(Buffer.from(data)),
    colors: pc.createColors(false),
    isTerminal: false,
  });
  const io = { out: output("out"), err: output("err"), readInput: () => new Uint8Array(), cwd: ROOT };
  const code = await runCommandLine(io, args);
  return { code, stdout: Buffer.concat(pieces.out).toString(), stderr: Buffer.concat(pieces.err).toString() };
}
