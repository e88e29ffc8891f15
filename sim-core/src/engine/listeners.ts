/** Several listeners as one. */
import type { BankListener, OperationListener } from "../units/index.ts";
import type { MachineListener } from "./simulator.ts";

/** A listener that passes everything on, in order; undefined when there is nobody to hear it. */
export function combineListeners(listeners: readonly (MachineListener | undefined)[]): MachineListener | undefined {
  const all = listeners.filter((listener) => listener !== undefined);
  if (all.length < 2) return all[0];
  const methods = new Set(all.flatMap(methodsOf));
  const combined: Record<string, (...args: unknown[]) => void> = {};
  for (const method of methods) {
    const heard = all.filter((listener) => method in listener) as unknown as Record<
      string,
      (...a: unknown[]) => void
    >[];
    combined[method] = (...args) => {
      for (const listener of heard) listener[method]!(...args);
    };
  }
  return combined as MachineListener;
}

/** What a listener wants to hear of the data memory's banks; undefined when nothing. */
export function bankListener(listener: OperationListener): BankListener | undefined {
  const lost = listener.bankLost?.bind(listener);
  const used = listener.banksUsed?.bind(listener);
  return lost || used ? { ...(lost ? { lost } : {}), ...(used ? { used } : {}) } : undefined;
}

/** Names of an object's methods, its own and its class's. */
function methodsOf(listener: object): string[] {
  const names: string[] = [];
  for (let at = listener; at !== Object.prototype; at = Object.getPrototypeOf(at) as object) {
    names.push(...Object.getOwnPropertyNames(at));
  }
  const value = listener as Record<string, unknown>;
  return names.filter((name) => name !== "constructor" && typeof value[name] === "function");
}
