/**
 * What tests take from outside the repository. A suite that needs an apt package is skipped by name where the package is
 * absent, so that `npm test` works on every machine; with CI=true its absence is a failure, so that nothing goes unchecked.
 */
import { accessSync, constants } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";

/** A command or data file and the Debian package that brings it. */
export interface External {
  /** A command on the PATH, or an absolute path. */
  readonly name: string;
  readonly aptPackage: string;
}

const external = (name: string, aptPackage: string): External => ({ name, aptPackage });

/** Everything external that a test may ask for; `.ci/run` installs these packages. */
export const EXTERNALS = {
  gnuAs: external("riscv64-unknown-elf-as", "binutils-riscv64-unknown-elf"),
  gnuLd: external("riscv64-unknown-elf-ld", "binutils-riscv64-unknown-elf"),
  gnuObjdump: external("riscv64-unknown-elf-objdump", "binutils-riscv64-unknown-elf"),
  gnuReadelf: external("riscv64-unknown-elf-readelf", "binutils-riscv64-unknown-elf"),
  riscvGcc: external("riscv64-unknown-elf-gcc", "gcc-riscv64-unknown-elf"),
  qemuRiscv32: external("qemu-riscv32", "qemu-user"),
  qemuSystem: external("qemu-system-riscv32", "qemu-system-misc"),
  gdb: external("gdb-multiarch", "gdb-multiarch"),
  chromium: external("chromium", "chromium"),
  neovim: external("nvim", "neovim"),
  emacs: external("emacs", "emacs-nox"),
  eglot: external("/usr/share/emacs/site-lisp/elpa-src/eglot-1.9/eglot.el", "elpa-eglot"),
  emacsDap: external("/usr/share/emacs/site-lisp/elpa-src/dap-mode-0.7/dap-mode.el", "elpa-dap-mode"),
  callgrindAnnotate: external("callgrind_annotate", "valgrind"),
  vcd2fst: external("vcd2fst", "gtkwave"),
  fst2vcd: external("fst2vcd", "gtkwave"),
  lcov: external("lcov", "lcov"),
  xmllint: external("xmllint", "libxml2-utils"),
  onnxTestData: external("/usr/share/libonnx-testdata/data/node", "libonnx-testdata"),
  fashionMnist: external("/usr/share/datasets/fashion-mnist/t10k-images-idx3-ubyte.gz", "dataset-fashion-mnist"),
} as const;

/** Absolute path of the command or file, or undefined when it isn't installed. */
export function findExternal(wanted: External): string | undefined {
  const isCommand = !path.isAbsolute(wanted.name);
  const folders = isCommand ? (process.env.PATH ?? "").split(path.delimiter) : [""];
  for (const folder of folders) {
    const candidate = isCommand ? path.join(folder, wanted.name) : wanted.name;
    try {
      accessSync(candidate, isCommand ? constants.X_OK : constants.R_OK);
      return candidate;
    } catch {
      // Not in this folder.
    }
  }
  return undefined;
}

/** True where a missing package is a failure. */
function isCi(): boolean {
  return process.env.CI === "true" || process.env.CI === "1";
}

/** Marks a skipped suite's title, so that the runner can say what to install. */
export function needsLabel(packages: readonly string[]): string {
  return `[needs apt ${packages.join(" ")}]`;
}

/**
 * A suite that needs commands or files from outside. `body` also runs for collection where they are absent: use them only
 * inside tests and hooks.
 */
export function describeWith(needed: External | readonly External[], title: string, body: () => void): void {
  const all: readonly External[] = "name" in needed ? [needed] : needed;
  const missing = all.filter((one) => findExternal(one) === undefined);
  if (missing.length === 0) {
    describe(title, body);
    return;
  }
  const packages = [...new Set(missing.map((one) => one.aptPackage))];
  const label = `${title} ${needsLabel(packages)}`;
  if (!isCi()) {
    describe.skip(label, body);
    return;
  }
  describe(label, () => {
    test("the packages are installed", () => {
      expect.fail(`${missing.map((one) => one.name).join(", ")} not found: apt-get install ${packages.join(" ")}`);
    });
  });
}

/** True in `npm run test:long`, which runs the long variants of tests. */
export const IS_LONG = process.env.LONG === "1";

/** A count or duration of a test: `usual` in `npm test`, `long` in `npm run test:long`. */
export function scaled<T>(usual: T, long: T): T {
  return IS_LONG ? long : usual;
}
