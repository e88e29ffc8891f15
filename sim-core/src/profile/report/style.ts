/** Colours of the HTML report, in light and dark. */
export const REPORT_STYLE = `
:root { color-scheme: light dark; --text: #1f2328; --page: #fff; --line: #8885; --muted: #59636e;
  --green: #2e7d32; --green2: #8bc34a; --yellow: #b8860b; --yellow2: #e6c229; --orange: #d9730d; --orange2: #f0a35e;
  --red: #c62828; --red2: #e57373; --purple: #7b3fa0; --purple2: #b58fd0; --blue: #1565c0; --blue2: #64a6e8; --grey: #8a8f98; }
@media (prefers-color-scheme: dark) { :root { --text: #e6e6e6; --page: #1e1e1e; --muted: #a0a7b0; } }
body { margin: 2rem auto; padding: 0 1rem; max-width: 80rem; font: 14px/1.45 system-ui, sans-serif; color: var(--text);
  background: var(--page); font-variant-numeric: tabular-nums; }
nav a { display: inline-block; margin-right: 1rem; } a { color: var(--blue2); }
.summary { padding: 0; list-style: none; color: var(--muted); }
section { overflow-x: auto; }
svg { display: block; width: 100%; max-width: 60rem; margin: 0.5rem 0 1rem; }
table { border-collapse: collapse; margin: 0.5rem 0 1.5rem; } caption { text-align: left; font-weight: 600; }
th, td { padding: 0.15rem 0.6rem 0.15rem 0; border-bottom: 1px solid var(--line); text-align: left; font-weight: normal; white-space: nowrap; }
thead th { color: var(--muted); } .number { text-align: right; }
svg text { font: 12px system-ui, sans-serif; fill: var(--text); } svg .tick { fill: var(--muted); font-size: 11px; }
svg .grid { stroke: var(--line); } svg .all { fill: var(--grey); } svg .point { fill: var(--orange); stroke: var(--page); }
svg .roof { stroke-width: 2; } svg .other { stroke-dasharray: 5 4; opacity: 0.6; } svg .peak { stroke: var(--text); }
svg line.roof-ddr { stroke: var(--red); } svg line.roof-dm { stroke: var(--blue); } svg line.roof-wm { stroke: var(--green); }
svg .read { fill: var(--blue2); } svg .written { fill: var(--orange); }
.flame-0 { fill: #e8a04c; } .flame-1 { fill: #e57d56; } .flame-2 { fill: #d9b84a; } .flame-3 { fill: #dd9668; } svg .on-flame { fill: #111; }
.cause-useful { fill: var(--green); } .cause-padding { fill: var(--green2); } .cause-edge { fill: var(--yellow); }
.cause-fillDrain { fill: var(--yellow2); } .cause-nonMac { fill: var(--orange2); } .cause-weights { fill: var(--orange); }
.cause-input { fill: var(--red); } .cause-output { fill: var(--red2); } .cause-accumulators { fill: var(--purple); }
.cause-bankConflict { fill: var(--purple2); } .cause-tokenWait { fill: var(--blue); } .cause-cuLate { fill: var(--blue2); }
.cause-noWork, .cause-idleCores, .cause-inFlight { fill: var(--grey); }
`;
