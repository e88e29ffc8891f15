/** Completion of an instruction's operand: by the type that the instruction takes there. */
import type { MachineConfig } from "@nnasm/sim-core/config";
import { CSRS, type EnumName, enumValues } from "@nnasm/sim-core/isa";
import { type Form, formsAt, type Slot, type SlotPart } from "../forms.ts";
import { hex } from "../numbers.ts";
import type { Place } from "../place.ts";
import { rangeOf } from "../ranges.ts";
import { DESCRIPTOR_NAMES, registerInfo, registerNames } from "../registers.ts";
import type { Snapshot } from "../snapshot.ts";
import { valueText } from "../value-texts.ts";
import type { Completion } from "./items.ts";
import { addressItems, addressNear, constantItems, localLabelItems, targetItems, tensorItems } from "./symbols.ts";

/** Items for the operand at a place, by all forms of the mnemonic that the operands before leave open. */
export function operandItems(snapshot: Snapshot, place: Place): Completion[] {
  const found = new Map<string, Completion>();
  for (const form of formsAt(snapshot.isa, place.name, place.operandsBefore)) {
    const slot = form.slots[place.operandsBefore.length]!;
    for (const item of slotItems(snapshot, place, form, slot)) if (!found.has(item.label)) found.set(item.label, item);
  }
  return [...found.values()];
}

function slotItems(snapshot: Snapshot, place: Place, form: Form, slot: Slot): Completion[] {
  const { lead } = place;
  if (/%\w+\($/.test(lead)) return addressItems(snapshot);
  // Behind `8(` comes the base register, and nothing else may.
  if (/[\w.$)]\($/.test(lead) || (lead.endsWith("(") && slot.base)) return slot.base ? registerItems(place.prefix) : [];
  const part = slot.outer;
  if (!part || lead.endsWith(")")) return [];
  const { operand } = part;
  if (lead === "") return [...partItems(snapshot, place, form, part), ...modifierItems(form, part)];
  if (operand.type === "set") return setItems(snapshot.config, operand.values, operand.separator, lead);
  // Inside of an expression any constant may be right: what counts is the whole.
  const isName = operand.type === "x" || operand.type === "td" || operand.type === "csr" || operand.type === "enum";
  return isName ? [] : expressionItems(snapshot, lead);
}

function expressionItems(snapshot: Snapshot, lead: string): Completion[] {
  const constants = constantItems(snapshot, { min: -Infinity, max: Infinity, scale: 1 });
  return /[-+(]$/.test(lead) ? [...constants, ...addressItems(snapshot)] : constants;
}

/** Items for a whole operand. */
function partItems(snapshot: Snapshot, place: Place, form: Form, part: SlotPart): Completion[] {
  const { operand } = part;
  const line = place.range.start.line;
  switch (operand.type) {
    case "x":
      return registerItems(place.prefix);
    case "td":
      return descriptorItems();
    case "csr":
      return csrItems();
    case "enum":
      return enumItems(snapshot.config, operand.values);
    case "set":
      return setItems(snapshot.config, operand.values, operand.separator, "");
    case "imm":
      return constantItems(snapshot, rangeOf(snapshot.isa, form, part));
    case "target":
    case "offset": {
      const targets = targetItems(snapshot, rangeOf(snapshot.isa, form, part), addressNear(snapshot, line));
      return [...targets, ...localLabelItems(snapshot, line)];
    }
    // A symbol, or a place in memory.
    default:
      if (operand.name === "tensor") return tensorItems(snapshot);
      return jumps(form) ? targetItems(snapshot, rangeOf(snapshot.isa, form, part), undefined) : addressItems(snapshot);
  }
}

/** Whether a pseudo-instruction goes to its symbol, which then is code. */
const jumps = (form: Form): boolean =>
  form.kind === "pseudo" && form.pseudo.expansion.some((line) => line.startsWith("jal"));

export function descriptorItems(): Completion[] {
  return DESCRIPTOR_NAMES.map((label, order) => ({ label, kind: "descriptor", group: 0, order }));
}

export function registerItems(prefix: string): Completion[] {
  return registerNames(prefix).map((label, order) => ({
    label,
    kind: "register",
    detail: registerInfo(label)?.detail ?? "",
    group: 0,
    order,
  }));
}

function csrItems(): Completion[] {
  return Object.entries(CSRS).map(([label, { number, summary }]) => ({
    label,
    kind: "csr",
    detail: `${hex(number)} · ${summary}`,
    group: 0,
  }));
}

/** Values of a list that the configured machine has: units and channels of DMA depend on their number. */
function availableValues({ dma }: MachineConfig, name: EnumName): [string, number][] {
  return Object.entries(enumValues(name)).filter(([value]) => {
    const channel = /^(?:dma|ch)(\d)$/.exec(value);
    return !channel || Number(channel[1]) < dma.channels;
  });
}

function enumItems(config: MachineConfig, name: EnumName): Completion[] {
  return availableValues(config, name).map(([label, value]) => ({
    label,
    kind: "value",
    detail: `${name} ${value} · ${valueText(name, label)}`,
    group: 0,
    order: value,
  }));
}

/** Members of a set that are not named yet; letters come in combinations that are in order. */
function setItems(config: MachineConfig, name: EnumName, separator: "|" | "", lead: string): Completion[] {
  if (separator === "") {
    const letters = ["iorw", "rw", "r", "w", "i", "o", "ir", "ow"];
    return lead === "" ? letters.map((label, order) => ({ label, kind: "value", group: 0, order })) : [];
  }
  if (lead !== "" && !lead.endsWith(separator)) return [];
  const named = new Set(lead.split(separator));
  return enumItems(config, name).filter(({ label }) => !named.has(label));
}

/** `%lo(...)` and its relatives, where the instruction has the bits for them. */
function modifierItems(form: Form, { operand }: SlotPart): Completion[] {
  if (form.kind !== "instruction" || operand.type !== "imm") return [];
  const field = "field" in operand ? operand.field : "";
  const names = field === "imm20" ? ["hi", "pcrel_hi"] : field === "imm12" ? ["lo", "pcrel_lo"] : [];
  return names.map((name) => ({
    label: `%${name}`,
    kind: "modifier",
    detail: name.endsWith("hi") ? "upper 20 bits of an address" : "lower 12 bits of an address",
    insert: `%${name}(`,
    group: 3,
    again: true,
  }));
}
