import "../../compare/webview/style.css";
import type { Sweep } from "@nnasm/sim-core/compare";
import { render } from "preact";
import { useEffect, useState } from "preact/hooks";
import { listen } from "../../shared/data-page.ts";
import { SweepPanel } from "./sweep.tsx";

function App() {
  const [sweep, setSweep] = useState<Sweep>();
  useEffect(() => listen(setSweep), []);
  return sweep ? <SweepPanel sweep={sweep} /> : <p class="note">Loading…</p>;
}

const root = document.getElementById("root");
if (root !== null) render(<App />, root);
