/** Tells the client how far something that takes long has come: a journey through time, or running the program again. */
import type { ClientConventions } from "./convert.ts";

/** What is over sooner needs no progress. */
const DELAY_MS = 200;
const INTERVAL_MS = 100;

export class Progress {
  private readonly now: () => number;
  private readonly send: (event: string, body: object) => void;
  private readonly client: () => ClientConventions;
  private readonly title: string;
  private readonly prefix: string;
  private count = 0;
  private begun: number | undefined;
  private told = 0;
  private shown: string | undefined;

  /** @param prefix of the ids; @param title what the client shows */
  constructor(
    prefix: string,
    title: string,
    now: () => number,
    client: () => ClientConventions,
    send: (event: string, body: object) => void,
  ) {
    this.prefix = prefix;
    this.title = title;
    this.now = now;
    this.client = client;
    this.send = send;
  }

  /** Of what is shown at the moment. */
  get id(): string | undefined {
    return this.shown;
  }

  /** @param share how far it is, 0..1; undefined when it is over */
  tell(share: number | undefined): void {
    if (share === undefined) {
      if (this.shown !== undefined) this.send("progressEnd", { progressId: this.shown });
      this.shown = undefined;
      this.begun = undefined;
      return;
    }
    const now = this.now();
    this.begun ??= now;
    if (!this.client().understandsProgress || now - this.begun < DELAY_MS) return;
    const percentage = Math.floor(share * 100);
    if (this.shown === undefined) {
      this.shown = `${this.prefix} ${++this.count}`;
      this.send("progressStart", {
        progressId: this.shown,
        title: this.title,
        cancellable: true,
        percentage,
      });
    } else if (now - this.told < INTERVAL_MS) return;
    else this.send("progressUpdate", { progressId: this.shown, percentage });
    this.told = now;
  }
}
