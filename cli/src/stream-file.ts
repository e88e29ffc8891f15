/** A file that is written piece by piece while a program runs: it may become larger than memory. */
import { closeSync, mkdirSync, openSync, writeSync } from "node:fs";
import path from "node:path";
import { UserError } from "./errors.ts";
import { refuseDash, writeReasonOf } from "./files.ts";

export class StreamFile {
  private readonly name: string;
  private readonly descriptor: number;

  /** @throws UserError when the file can't be written; folders are made */
  constructor(cwd: string, name: string) {
    refuseDash(name);
    this.name = name;
    const file = path.resolve(cwd, name);
    this.descriptor = this.attempt(() => {
      mkdirSync(path.dirname(file), { recursive: true });
      return openSync(file, "w");
    });
  }

  /** @throws UserError when the disk is full, or the reader of a pipe is gone */
  write(data: string | Uint8Array): void {
    const bytes = typeof data === "string" ? Buffer.from(data, "utf8") : data;
    // A pipe may take less than all.
    for (let at = 0; at < bytes.length; ) at += this.attempt(() => writeSync(this.descriptor, bytes, at));
  }

  close(): void {
    closeSync(this.descriptor);
  }

  private attempt<T>(write: () => T): T {
    try {
      return write();
    } catch (error) {
      throw new UserError(`cannot write ${this.name}: ${writeReasonOf(error)}`);
    }
  }
}
