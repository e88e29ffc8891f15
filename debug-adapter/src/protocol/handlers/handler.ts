import type { Command, Requests } from "../requests.ts";
import type { SessionState } from "../state.ts";

/** Answers one request: returns the answer's body, perhaps later, or throws. */
export type Handler<C extends Command> = (
  state: SessionState,
  arguments_: Requests[C][0],
) => Requests[C][1] | Promise<Requests[C][1]>;

export type Handlers = { readonly [C in Command]?: Handler<C> };
