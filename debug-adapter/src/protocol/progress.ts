/** Tells the client how far a long journey through time has come. */
import type { ClientConventions } from "./convert.ts";

/** A journey that is over sooner needs no progress. */
const DELAY_MS = 200;
const INTERVAL_MS = 100;

export class Progress {
  private readonly now: () => number;
  private readonly send: (event: string, body: object) => void;
  private readonly client: () => ClientConventions;
  private count = 0;
  private begun: number | undefined;
  private told = 0;
  private shown: string | undefined;

  constructor(now: () => number, client: () => ClientConventions, send: (event: string, body: object) => void) {
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
      this.shown = `travel ${++this.count}`;
      this.send("progressStart", {
        progressId: this.shown,
        title: "Going through time",
        cancellable: true,
        percentage,
      });
    } else if (now - this.told < INTERVAL_MS) return;
    else this.send("progressUpdate", { progressId: this.shown, percentage });
    this.told = now;
  }
}
