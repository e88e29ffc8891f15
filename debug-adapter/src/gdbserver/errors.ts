/** What a request of the remote protocol is refused with. */

/** Numbers of errors: those of errno, which GDB's users know. */
const ERROR_NUMBERS = {
  /** The packet's text isn't what the protocol says. */
  invalid: 22,
  /** There is no such thing: a thread, a register, an annex. */
  missing: 2,
  /** No memory there. */
  memory: 14,
  /** Not allowed: a read-only register. */
  refused: 1,
  /** Not now: the program runs. */
  busy: 16,
} as const;

export type ErrorKind = keyof typeof ERROR_NUMBERS;

export class RemoteError extends Error {
  readonly kind: ErrorKind;

  constructor(kind: ErrorKind, message: string) {
    super(message);
    this.kind = kind;
  }

  /** `E0e`: every client understands it. */
  get number(): string {
    return `E${ERROR_NUMBERS[this.kind].toString(16).padStart(2, "0")}`;
  }

  /** `E.why`, for packets whose answer is no data, where clients show it. */
  get text(): string {
    return `E.${this.message}`;
  }
}
