/** Compares what layers computed with arrays from elsewhere: an earlier run, a reference model, another machine. */
import { existsSync } from "node:fs";
import path from "node:path";
import { type LayerOutput, writerOf } from "@nnasm/sim-core/trace";
import { UserError } from "../errors.ts";
import { readFile } from "../files.ts";
import { fileStem } from "./dump.ts";
import { readNpy } from "./npy.ts";

/** Where a layer's output first differs. */
export interface Divergence {
  readonly layer: string;
  readonly occurrence: number;
  readonly tensor: string;
  /** n, h, w, c */
  readonly element: readonly [number, number, number, number];
  readonly value: number;
  readonly golden: number;
  /** Completion of the operation that wrote the element, and the address of the instruction that issued it. */
  readonly cycle: number;
  readonly pc: number;
  readonly mnemonic: string;
  readonly differing: number;
  readonly elements: number;
  readonly largest: number;
  readonly file: string;
}

export class LayerComparison {
  /** The first output that differs. */
  first: Divergence | undefined;
  /** Outputs that were compared, that differ, and that have no file to be compared with. */
  compared = 0;
  diverging = 0;
  readonly missing: string[] = [];
  private readonly cwd: string;
  readonly folder: string;
  private readonly tolerance: number;

  /** @param tolerance differences of stored values up to this are none */
  constructor(cwd: string, folder: string, tolerance: number) {
    if (!existsSync(path.resolve(cwd, folder))) {
      throw new UserError(`there is no folder ${folder} to compare with`, "make one with --dump-layers");
    }
    this.cwd = cwd;
    this.folder = folder;
    this.tolerance = tolerance;
  }

  add(output: LayerOutput): void {
    const file = this.fileOf(output);
    if (file === undefined) {
      this.missing.push(fileStem(output));
      return;
    }
    const golden = readNpy(readFile(this.cwd, file), file);
    const { tensor, values } = output;
    if (golden.values.length !== values.length) {
      const shape = [tensor.n, tensor.h, tensor.w, tensor.c].join(", ");
      throw new UserError(
        `${file} has shape (${golden.shape.join(", ")}), layer ${output.layerName} writes (${shape})`,
        "arrays are in n, h, w, c order; axes of length 1 may be left out",
      );
    }
    this.compared++;
    let first = -1;
    let differing = 0;
    let largest = 0;
    for (let i = 0; i < values.length; i++) {
      const difference = Math.abs(values[i]! - golden.values[i]!);
      // Not `>`: a NaN differs from everything.
      if (difference <= this.tolerance) continue;
      if (first < 0) first = i;
      differing++;
      largest = Math.max(largest, difference);
    }
    if (first < 0) return;
    this.diverging++;
    if (this.first) return;
    const { cycle, pc, mnemonic } = writerOf(output, first);
    const { c, w, h } = tensor;
    this.first = {
      layer: output.layerName,
      occurrence: output.occurrence,
      tensor: output.name,
      element: [Math.floor(first / (h * w * c)), Math.floor(first / (w * c)) % h, Math.floor(first / c) % w, first % c],
      value: values[first]!,
      golden: golden.values[first]!,
      cycle,
      pc,
      mnemonic,
      differing,
      elements: values.length,
      largest,
      file,
    };
  }

  /** Nothing to compare with is no agreement. */
  get agrees(): boolean {
    return this.compared > 0 && this.diverging === 0;
  }

  get summary(): object {
    const { agrees, compared, diverging, missing, first } = this;
    return { agrees, compared, diverging, missing, first: first ?? null };
  }

  /** The file as --dump-layers names it, or a shorter name: without the tensor, and for the first time without folder. */
  private fileOf({ layerName, occurrence, ...output }: LayerOutput): string | undefined {
    const stem = fileStem({ layerName, occurrence, ...output });
    const folder = path.dirname(stem);
    const layer = path.basename(fileStem({ layerName, occurrence, name: "" }));
    const names = [stem, path.join(folder, layer)];
    if (occurrence === 0) names.push(path.basename(stem), layer);
    return names
      .map((name) => path.join(this.folder, `${name}.npy`))
      .find((file) => existsSync(path.resolve(this.cwd, file)));
  }
}
