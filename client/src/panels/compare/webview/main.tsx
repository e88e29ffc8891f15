import "./style.css";
import type { CompareReport } from "@nnasm/sim-core/compare";
import { render } from "preact";
import { useEffect, useState } from "preact/hooks";
import { listen } from "../../shared/data-page.ts";
import { ComparePanel } from "./compare.tsx";

function App() {
  const [report, setReport] = useState<CompareReport>();
  useEffect(() => listen(setReport), []);
  return report ? <ComparePanel report={report} /> : <p class="note">Loading…</p>;
}

const root = document.getElementById("root");
if (root !== null) render(<App />, root);
