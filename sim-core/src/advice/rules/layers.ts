/** Layers beside their peers. */
import { BUCKET_TEXT, type LayerProfile, layerPlaces, type Profile } from "../../profile/index.ts";
import type { MacBucket } from "../../units/index.ts";
import { append } from "../facts.ts";
import { type Draft, percent, type Rule } from "../model.ts";

/** What peers are compared by; more is worse. */
const MEASURES = [
  { name: "cycles per MAC", of: ({ cycles, macs }: LayerProfile) => cycles / macs },
  {
    name: "MAC slots per useful one",
    of: ({ slots }: LayerProfile) => Object.values(slots).reduce((sum, count) => sum + count, 0) / slots.useful,
  },
  {
    name: "DDR bytes per MAC",
    of: ({ ddrReadBytes, ddrWriteBytes, macs }: LayerProfile) => (ddrReadBytes + ddrWriteBytes) / macs,
  },
] as const;

const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
};

/** A deviation below this part of the median counts as this much: peers that are all alike have a deviation of 0. */
const LEAST_DEVIATION = 0.05;
/** The median of absolute deviations of a normal distribution, in standard deviations. */
const MAD_SIGMA = 0.6745;

/** How far each value is above the median, in robust standard deviations (modified z-score). */
function robustScores(values: readonly number[]): { readonly middle: number; readonly scores: number[] } {
  const middle = median(values);
  const deviation = Math.max(median(values.map((value) => Math.abs(value - middle))), middle * LEAST_DEVIATION);
  return { middle, scores: values.map((value) => (deviation === 0 ? 0 : (MAD_SIGMA * (value - middle)) / deviation)) };
}

/** Mnemonics of the neural unit's operations that multiply, by layer: layers of one kind of work are peers. */
function kinds({ parts, instructions }: Profile): Map<number, string> {
  const found = new Map<number, Set<string>>();
  for (const { instruction, layer, work } of parts) {
    if (!work || work.macs === 0) continue;
    const names = found.get(layer) ?? new Set();
    names.add(instructions[instruction]!.text.split(" ")[0]!);
    found.set(layer, names);
  }
  return new Map([...found].map(([layer, names]) => [layer, [...names].sort().join(" ")]));
}

interface Cause {
  readonly text: string;
  readonly edit: string;
}

/** What to change, by where a layer's MAC slots go; causes that need a place are told apart below. */
const EDITS: Readonly<Record<Exclude<MacBucket, "useful" | "tokenWait" | "cuLate">, string>> = {
  padding: "leave out the taps that meet only padding (a smaller nu.window with a slice of the weights)",
  edge: "fill the array's blocks of channels: see taps as channels, or take as many channels as a block has",
  fillDrain: "make one operation of several (descriptors over all of them)",
  nonMac: "let the output stage or the vector unit do what doesn't multiply",
  idleCores: "choose another nu.split, so that each core has work",
  weights: "declare the weights with nu.prefetch, or work on more pixels with each block of them",
  input: "spread the input's channels over more cycles of useful work, or widen the port (nu.ports)",
  output: "write narrower outputs (requantised to int8), or widen the port (nu.ports)",
  accumulators: "take stripes that fit the accumulators (nu.accumulatorBytes)",
  bankConflict: "let its input and output begin in different banks",
  noWork: "issue its operations while the layer before still works",
  inFlight: "let the run end before it is profiled",
};

/** Where most of a layer's lost MAC slots go, and what to do about that. */
function topCause({ profile, placeText }: TopCauseFacts, layer: LayerProfile): Cause {
  const lost = Object.entries(layer.slots)
    .filter(([bucket]) => bucket !== "useful")
    .sort((a, b) => b[1] - a[1]);
  const [bucket, count] = lost[0] as [Exclude<MacBucket, "useful">, number];
  const slots = Object.values(layer.slots).reduce((sum, one) => sum + one, 0);
  const text = `${BUCKET_TEXT[bucket].label}, ${Math.round((count / slots) * 100)} % of its MAC slots`;
  const own = profile.parts.filter((part) => part.layer === layer.id);
  if (bucket === "tokenWait") {
    const addresses = new Set(own.map(({ instruction }) => profile.instructions[instruction]!.address));
    const wait = profile.waits.find(({ unit, at }) => unit === "nu" && addresses.has(at.address));
    const awaited = wait ? `what it waits for (${wait.byUnit}) at ${placeText(wait.by.address)}` : "what it waits for";
    return { text, edit: `issue ${awaited} earlier` };
  }
  if (bucket === "cuLate") {
    const [most] = own.toSorted((a, b) => b.cycles - a.cycles);
    const at = most ? ` at ${placeText(profile.instructions[most.instruction]!.address)}` : "";
    return { text, edit: `issue its operations before the control unit's work${at}, ${most?.cycles ?? 0} cycles` };
  }
  return { text, edit: EDITS[bucket] };
}

interface TopCauseFacts {
  readonly profile: Profile;
  placeText(address: number): string;
}

export const OUTLIER: Rule = {
  id: "outlier-layer",
  title: "a layer does worse than its peers",
  why: "Layers with the same operations should take about as many cycles, slots and bytes for a MAC; one that is far from the others has a reason of its own.",
  needs: "profile",
  thresholds: {
    score: {
      value: 3.5,
      unit: "times",
      text: "distance from the peers' median, in robust standard deviations (median absolute deviation / 0.6745)",
    },
    peers: { value: 4, unit: "operations", text: "layers of the same operations" },
    worse: percent(50, "above the median (at least)"),
  },
  evaluate(facts) {
    const { profile } = facts;
    const placeText = (address: number): string => facts.placeText(address);
    const kindOf = kinds(profile);
    const groups = new Map<string, LayerProfile[]>();
    for (const layer of profile.layers) {
      const kind = kindOf.get(layer.id);
      if (kind === undefined || layer.id === 0 || layer.slots.useful === 0) continue;
      append(groups, kind, layer);
    }
    const places = layerPlaces(profile);
    return [...groups].flatMap(([kind, layers]): Draft[] => {
      if (layers.length < this.thresholds.peers!.value) return [];
      const worst = new Map<LayerProfile, { name: string; value: number; middle: number; score: number }>();
      for (const { name, of } of MEASURES) {
        const values = layers.map(of);
        const { middle, scores } = robustScores(values);
        layers.forEach((layer, at) => {
          const [value, score] = [values[at]!, scores[at]!];
          const isFar =
            score > this.thresholds.score!.value && value > middle * (1 + this.thresholds.worse!.value / 100);
          if (isFar && score > (worst.get(layer)?.score ?? 0)) worst.set(layer, { name, value, middle, score });
        });
      }
      return [...worst].map(([layer, { name, value, middle, score }]): Draft => {
        const perMac = median(layers.filter((one) => one !== layer).map(MEASURES[0].of));
        const cause = topCause({ profile, placeText }, layer);
        const address = places.get(layer.id)?.address;
        const times = (Math.round((value / middle) * 10) / 10).toFixed(1);
        return {
          message: `${layer.name} has ${times} x the ${name} of ${layers.length - 1} other layers with ${kind} (${value.toPrecision(3)}, median ${middle.toPrecision(3)}); its time goes to ${cause.text}; it is ${layer.bound.text}`,
          addresses: address === undefined ? [] : [address],
          layer: layer.id,
          range: [0, profile.cycles],
          measured: [
            { name, value: Number(value.toPrecision(4)), unit: "" },
            { name: "median of its peers", value: Number(middle.toPrecision(4)), unit: "" },
            { name: "peers", value: layers.length - 1, unit: "" },
          ],
          crossed: ["score", Math.round(score * 10) / 10],
          savedCycles: Math.max(0, Math.round(layer.cycles - perMac * layer.macs)),
          edit: `in ${layer.name}${address === undefined ? "" : ` (${placeText(address)})`}: ${cause.edit}; ${layers.find((one) => !worst.has(one))?.name ?? "a peer"} shows how`,
          confidence: "low",
        };
      });
    });
  },
};
