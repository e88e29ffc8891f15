/** What the debugger asks of the world around it. Injected, so that one debugger runs in Node, in a worker and in tests. */

export type FileRead = { readonly bytes: Uint8Array } | { readonly problem: string };

/** Files by absolute name; what a name looks like is the host's affair (a path, a URI). */
export interface FileHost {
  /** Relative names of a launch are meant from here. */
  readonly cwd: string;
  /** The absolute name of what `name` means in `folder`. */
  resolve(folder: string, name: string): string;
  /** The folder that holds a file or folder; the top folder holds itself. */
  folderOf(name: string): string;
  kindOf(name: string): "file" | "folder" | undefined;
  /** The file's bytes, or in words why there are none. */
  read(file: string): FileRead;
  /** A new file to be written piece by piece, or in words why there is none; absent where none can be written. */
  create?(file: string): FileWriter | { readonly problem: string };
  /** SHA-256 in hexadecimal; absent where there is none. */
  sha256?(bytes: Uint8Array): string;
  /** Equal for two names of one file. */
  keyOf(file: string): string;
}

export interface FileWriter {
  /** @throws Error with what the system says */
  write(bytes: Uint8Array): void;
  close(): void;
}

export interface Scheduler {
  /** Milliseconds from any fixed point. */
  now(): number;
  /** Lets everything else that waits run first. */
  yield(): Promise<void>;
}

/** A whole file as text, undefined when it can't be read. */
export function readText(host: FileHost, file: string): string | undefined {
  const read = host.read(file);
  return "bytes" in read ? new TextDecoder().decode(read.bytes) : undefined;
}
