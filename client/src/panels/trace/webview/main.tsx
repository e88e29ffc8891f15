import "./style.css";
import type { Spot, TimelineInfo } from "@nnasm/sim-core/trace";
import { render } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Note } from "../model/timeline-spec.ts";
import { listen, send } from "./host.ts";
import { TraceView } from "./trace.tsx";

type State =
  | { readonly kind: "loading" }
  | { readonly kind: "failed"; readonly message: string }
  | {
      readonly kind: "opened";
      readonly info: TimelineInfo;
      readonly notes: readonly Note[];
      readonly memory: boolean;
    };

function App() {
  const [state, setState] = useState<State>({ kind: "loading" });
  const [machine, setMachine] = useState<{ isThere: boolean; cycle: number | undefined }>({
    isThere: false,
    cycle: undefined,
  });
  const [wanted, setWanted] = useState<Spot | undefined>(undefined);
  useEffect(() => {
    const end = listen((message) => {
      if (message.type === "opened") setState({ ...message, kind: "opened" });
      else if (message.type === "failed") setState({ kind: "failed", message: message.message });
      else if (message.type === "machine") setMachine(message);
      else if (message.type === "show") setWanted(message.spot);
    });
    send({ type: "ready" });
    return end;
  }, []);
  if (state.kind === "loading") return <p class="note">Opening the trace…</p>;
  if (state.kind === "failed") {
    return (
      <p class="note" role="alert">
        The trace can't be opened: {state.message}
      </p>
    );
  }
  const { info, notes, memory } = state;
  return <TraceView info={info} notes={notes} memory={memory} machine={machine} wanted={wanted} />;
}

const root = document.getElementById("root");
if (root !== null) render(<App />, root);
