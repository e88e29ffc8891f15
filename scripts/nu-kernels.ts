/** Compiles the neural unit's kernels (sim-core/kernels) to WebAssembly, as a module that holds the bytes. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";

const folder = fileURLToPath(new URL("../sim-core/kernels", import.meta.url));
const BYTES_PER_LINE = 32;

/** @throws Error with the compiler's messages */
export async function nuKernels(): Promise<string> {
  let wasm: Uint8Array | undefined;
  const { error, stderr } = await asc.main(
    ["index.ts", "--enable", "simd", "--runtime", "stub", "--noAssert", "-O3", "--outFile", "kernels.wasm"],
    {
      readFile: (name, base) => readFile(path.resolve(folder, base, name), "utf8").catch(() => null),
      writeFile: (_name, content) => {
        if (typeof content !== "string") wasm = content;
      },
      listFiles: () => [],
    },
  );
  if (error || !wasm) throw new Error(`${error?.message ?? "no output"}\n${stderr.toString()}`);
  const lines: string[] = [];
  for (let at = 0; at < wasm.length; at += BYTES_PER_LINE) {
    lines.push(`  ${[...wasm.subarray(at, at + BYTES_PER_LINE)].join(", ")},`);
  }
  return `// Generated from sim-core/kernels by scripts/nu-kernels.ts. Do not edit.

/** The kernels as a WebAssembly module of ${wasm.length} bytes. */
export const KERNELS: Uint8Array = Uint8Array.of(
${lines.join("\n")}
);
`;
}
