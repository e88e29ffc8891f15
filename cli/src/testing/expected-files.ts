/** Expected results in files beside a test: `conv.expected/` beside `conv.nnasm`. */
import { readdirSync } from "node:fs";
import path from "node:path";
import { nearest } from "@nnasm/sim-core/diagnostics";
import { ENUMS } from "@nnasm/sim-core/isa";
import { packedElements } from "@nnasm/sim-core/machine";
import type { Program, ProgramExpectation, ProgramTensor } from "@nnasm/sim-core/program";
import { UserError } from "../errors.ts";
import { isFolder, readFile } from "../files.ts";
import { readNpy } from "../layers/npy.ts";
import type { TestCheck } from "./protocol.ts";

const STDOUT_FILE = "stdout.txt";
const STDERR_FILE = "stderr.txt";
const EXIT_CODE_FILE = "exit-code.txt";
const TEXTS: readonly string[] = [STDOUT_FILE, STDERR_FILE, EXIT_CODE_FILE];

export interface ExpectedText {
  readonly file: string;
  readonly text: string;
}

export interface ExpectedResults {
  readonly stdout?: ExpectedText;
  readonly stderr?: ExpectedText;
  readonly exitCode?: { readonly file: string; readonly value: number };
  /** Tensors at the exit. */
  readonly tensors: readonly ProgramExpectation[];
  readonly files: readonly string[];
}

/** The folder of a test's expected files; there may be none. */
export const expectedFolder = (file: string): string => {
  const { dir, name } = path.parse(file);
  return path.join(dir, `${name}.expected`);
};

function filesOf(cwd: string, test: string): string[] {
  const folder = expectedFolder(test);
  if (!isFolder(cwd, folder)) return [];
  const names = readdirSync(path.resolve(cwd, folder)).filter((name) => !name.startsWith("."));
  return names.sort().map((name) => path.join(folder, name));
}

/** What a test is compared with, by the files' names. */
export function expectedChecks(cwd: string, test: string): TestCheck[] {
  return filesOf(cwd, test).map((file) => ({
    name: path.basename(file),
    file: file.split(path.sep).join("/"),
    line: 1,
    column: 1,
  }));
}

/**
 * Reads the expected files of a test.
 * @throws UserError for a file that fits nothing of the program: a typo would otherwise be a test that can't fail
 */
export function readExpected(cwd: string, test: string, program: Program): ExpectedResults {
  const files = filesOf(cwd, test);
  const text = (name: string): ExpectedText | undefined => {
    const file = files.find((each) => path.basename(each) === name);
    return file === undefined ? undefined : { file, text: Buffer.from(readFile(cwd, file)).toString("utf8") };
  };
  const [stdout, stderr, exitCode] = [text(STDOUT_FILE), text(STDERR_FILE), text(EXIT_CODE_FILE)];
  const arrays = files.filter((file) => !TEXTS.includes(path.basename(file)));
  return {
    ...(stdout ? { stdout } : {}),
    ...(stderr ? { stderr } : {}),
    ...(exitCode ? { exitCode: { file: exitCode.file, value: codeOf(exitCode) } } : {}),
    tensors: arrays.map((file) => tensorOf(cwd, file, program)),
    files,
  };
}

function codeOf({ file, text }: ExpectedText): number {
  const value = Number(text.trim());
  if (text.trim() !== "" && Number.isInteger(value)) return value;
  throw new UserError(`${file} holds no whole number`, "for example 0");
}

function tensorOf(cwd: string, file: string, program: Program): ProgramExpectation {
  const { name, ext } = path.parse(file);
  if (ext !== ".npy" && ext !== ".bin") {
    throw new UserError(
      `${file} is nothing that a test can be compared with`,
      `TENSOR.npy, TENSOR.bin, ${TEXTS.join(", ")} are`,
    );
  }
  const tensor = program.tensors.find((each) => each.name === name);
  if (!tensor) {
    const near = nearest(
      name,
      program.tensors.map((each) => each.name),
    );
    const hint = near ? `did you mean ${near}${ext}?` : "the file's name is that of a .tensor";
    throw new UserError(`${file}: the program has no tensor ${name}`, hint);
  }
  if (tensor.layout === "blocked") {
    throw new UserError(`${file}: ${name} is arranged in blocks for the MAC array`, "expect its source or the output");
  }
  const { descriptorAddress, dims } = tensor;
  const values = ext === ".npy" ? npyValues(cwd, file, tensor) : binaryValues(cwd, file, tensor);
  const wanted = dims.reduce((product, size) => product * size, 1);
  if (values.length !== wanted) {
    throw new UserError(`${file} holds ${values.length} elements, ${name} has ${wanted} (${dims.join(" x ")})`);
  }
  return { name, place: { kind: "tensor", descriptorAddress }, values, file, line: 1, column: 1 };
}

function npyValues(cwd: string, file: string, { name }: ProgramTensor): Int32Array {
  const values = Array.from(readNpy(readFile(cwd, file), file).values);
  if (values.every((value) => Number.isInteger(value) && Math.abs(value) < 2 ** 32)) return Int32Array.from(values);
  throw new UserError(`${file} holds numbers that no element can be`, `write the stored (quantised) values of ${name}`);
}

function binaryValues(cwd: string, file: string, { name, dtype, dims }: ProgramTensor): Int32Array {
  const { values, rest } = packedElements(readFile(cwd, file), ENUMS.dtype[dtype], dims[3]);
  if (rest === 0) return values;
  throw new UserError(`${file} ends within a row of ${dims[3]} ${dtype} elements of ${name}`);
}
