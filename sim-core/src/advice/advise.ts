/** Evaluates all rules and ranks what they find. */
import { LineIndex } from "../program/index.ts";
import { Facts, type FactsInput } from "./facts.ts";
import type { AdvicePlace, Draft, Finding, Rule } from "./model.ts";
import { RULES } from "./rules/index.ts";
import { adviseByUserRules, type UserRule } from "./user-rules.ts";

/** Part of the run, in percent, that an edit must save to be worth telling. */
const LEAST_SAVING_PERCENT = 1;

function place(lines: LineIndex, address: number): AdvicePlace {
  const found = lines.placeOf(address);
  return found ? { address, file: found.file, line: found.line } : { address };
}

/** The layer that all of a draft's operations belong to, 0 for none or several. */
function layerOf(facts: Facts, { layer, operations = [] }: Draft): number {
  if (layer !== undefined) return layer;
  const layers = new Set(operations.map((index) => facts.at(index).layer));
  return layers.size === 1 ? [...layers][0]! : 0;
}

function finish(facts: Facts, rule: Rule, draft: Draft): Finding {
  const { operations = [], crossed, addresses, message, measured, edit, confidence } = draft;
  const layer = layerOf(facts, draft);
  const profiled = layer === 0 ? undefined : facts.layer(layer);
  // A layer's time is that of the neural unit or that of the control unit, whichever is longer.
  const ofCycles = profiled ? Math.max(profiled.cycles, profiled.cuCycles) : facts.profile.cycles;
  const [from, to] = draft.range ?? rangeOf(facts, operations);
  const [name, actual] = crossed;
  const threshold = rule.thresholds[name];
  if (!threshold) throw new Error(`rule ${rule.id} has no threshold ${name}`);
  return {
    rule: rule.id,
    title: rule.title,
    message,
    from,
    to,
    places: [...new Set(addresses)].map((address) => place(facts.lines, address)),
    ...(profiled && { layer: { id: layer, name: profiled.name, bound: profiled.bound.text } }),
    measured,
    threshold: { ...threshold, name, actual },
    savedCycles: Math.min(draft.savedCycles, ofCycles),
    ofCycles,
    edit,
    confidence,
  };
}

function rangeOf(facts: Facts, operations: readonly number[]): [number, number] {
  if (operations.length === 0) return [0, facts.profile.cycles];
  let from = Number.POSITIVE_INFINITY;
  let to = 0;
  for (const index of operations) {
    from = Math.min(from, facts.at(index).startCycle);
    to = Math.max(to, facts.at(index).endCycle);
  }
  return [from, to];
}

export interface AdviceOptions {
  /** Default: all. */
  readonly rules?: readonly Rule[];
  readonly userRules?: readonly UserRule[];
}

/**
 * What a run's profile and record advise, the largest saving first. Savings that are below LEAST_SAVING_PERCENT of the run are
 * left out; findings that aren't about cycles, and those of users' rules without an estimate, come last.
 */
export function advise(input: FactsInput, options: AdviceOptions = {}): Finding[] {
  const rules = adviseByRule(input, options);
  for (;;) {
    const { done, value } = rules.next();
    if (done) return value;
  }
}

/** The same, rule by rule: long runs take seconds, in which others can have their turn. */
export function* adviseByRule(
  input: FactsInput,
  { rules = RULES, userRules = [] }: AdviceOptions = {},
): Generator<undefined, Finding[]> {
  const facts = new Facts(input, new LineIndex(input.program));
  const least = (facts.profile.cycles * LEAST_SAVING_PERCENT) / 100;
  const found: Finding[] = [];
  for (const rule of rules) {
    for (const draft of rule.evaluate(facts)) {
      const finding = finish(facts, rule, draft);
      if (finding.savedCycles >= Math.max(1, least) || TELLS_NO_CYCLES.has(rule.id)) found.push(finding);
    }
    yield;
  }
  return [...found, ...adviseByUserRules(input.profile, userRules)].sort(
    (a, b) => b.savedCycles - a.savedCycles || a.rule.localeCompare(b.rule) || a.from - b.from,
  );
}

/** Rules that are not about cycles. */
const TELLS_NO_CYCLES: ReadonlySet<string> = new Set(["incomplete-record"]);
