/** The only thread that GDB sees: the control unit. The other units have no registers of GDB's kind; `monitor units` shows them. */

export const CU_THREAD = 1;

/** Whether a packet's thread (`1`, `0` for any, `-1` for all, `p1.1` with a process) is the control unit. */
export function isThread(text: string): boolean {
  const id = text.startsWith("p") ? (text.split(".")[1] ?? "-1") : text;
  return id === "-1" || /^0*[01]$/.test(id);
}
