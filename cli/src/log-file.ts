/** A text file that is written line by line while a program runs: it may become larger than memory. */
import { closeSync, openSync, writeSync } from "node:fs";
import { resolve } from "node:path";
import { UserError } from "./errors.ts";
import { reasonOf } from "./files.ts";

/** Characters that are collected before they are written. */
const BUFFERED = 1 << 16;

export class LogFile {
  private readonly name: string;
  private readonly descriptor: number;
  private text = "";

  /** @throws UserError when the file can't be written */
  constructor(cwd: string, name: string) {
    this.name = name;
    this.descriptor = this.attempt(() => openSync(resolve(cwd, name), "w"));
  }

  /** Adds a line, without its end. */
  add(line: string): void {
    this.text += `${line}\n`;
    if (this.text.length >= BUFFERED) this.flush();
  }

  close(): void {
    this.flush();
    closeSync(this.descriptor);
  }

  private flush(): void {
    this.attempt(() => writeSync(this.descriptor, this.text));
    this.text = "";
  }

  private attempt<T>(write: () => T): T {
    try {
      return write();
    } catch (error) {
      throw new UserError(`cannot write ${this.name}: ${reasonOf(error)}`);
    }
  }
}
