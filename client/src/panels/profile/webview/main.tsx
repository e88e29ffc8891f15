import "./style.css";
import { render } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { ToWebview } from "../messages.ts";
import { ready } from "./host.ts";
import { Panel } from "./panel.tsx";

type Data = Extract<ToWebview, { type: "profile" }>;

function App() {
  const [data, setData] = useState<Data | "loading" | "empty">("loading");
  useEffect(() => {
    // VS Code gives a webview messages of its own extension only.
    const take = (event: MessageEvent<ToWebview>): void =>
      setData(event.data.type === "profile" ? event.data : "empty");
    window.addEventListener("message", take);
    ready();
    return () => window.removeEventListener("message", take);
  }, []);
  if (data === "loading") return <p class="note">Loading…</p>;
  if (data === "empty") {
    return (
      <p class="note">
        No profile yet. Open a <code>.nnasm</code> file and run <b>NNASM: Profile Program</b>, or open a file of{" "}
        <code>nnasm profile --json</code> with <b>NNASM: Open Profile...</b>.
      </p>
    );
  }
  return <Panel data={data} />;
}

const root = document.getElementById("root");
if (root !== null) render(<App />, root);
