/** A text file that is written line by line while a program runs. */
import { StreamFile } from "./stream-file.ts";

/** Characters that are collected before they are written. */
const BUFFERED = 1 << 16;

export class LogFile {
  private readonly file: StreamFile;
  private text = "";

  /** @throws UserError when the file can't be written */
  constructor(cwd: string, name: string) {
    this.file = new StreamFile(cwd, name);
  }

  /** Adds a line, without its end. */
  add(line: string): void {
    this.put(`${line}\n`);
  }

  /** Adds a piece of text. */
  put(text: string): void {
    this.text += text;
    if (this.text.length >= BUFFERED) this.flush();
  }

  close(): void {
    this.flush();
    this.file.close();
  }

  private flush(): void {
    this.file.write(this.text);
    this.text = "";
  }
}
