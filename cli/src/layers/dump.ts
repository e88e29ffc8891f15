/** Writes what layers computed as .npy files, one folder for each time that the program goes through its layers. */
import path from "node:path";
import { enumNameOf } from "@nnasm/sim-core/isa";
import type { LayerOutput } from "@nnasm/sim-core/trace";
import { writeFile } from "../files.ts";
import { writeNpy } from "./npy.ts";

const DIGITS = 4;
const safe = (name: string): string => name.replace(/[^\w.+-]+/g, "_").replace(/^\.+/, "_");

/** `0000/conv1.map1`: occurrence, layer, tensor; without a tensor's name just the layer. */
export function fileStem({
  layerName,
  occurrence,
  name,
}: Pick<LayerOutput, "layerName" | "occurrence" | "name">): string {
  const file = name === "" ? safe(layerName) : `${safe(layerName)}.${safe(name)}`;
  return path.join(String(occurrence).padStart(DIGITS, "0"), file);
}

export class LayerDump {
  private readonly cwd: string;
  private readonly folder: string;
  private readonly index: object[] = [];

  constructor(cwd: string, folder: string) {
    this.cwd = cwd;
    this.folder = folder;
  }

  add(output: LayerOutput): void {
    const { tensor, values, writers, layerName, occurrence, name } = output;
    const file = `${fileStem(output)}.npy`;
    const shape = [tensor.n, tensor.h, tensor.w, tensor.c];
    const dtype = enumNameOf("dtype", tensor.dtype) ?? "int32";
    this.write(file, writeNpy(values, shape, dtype));
    const cycle = writers.at(-1)?.cycle;
    this.index.push({
      layer: layerName,
      occurrence,
      tensor: name,
      dtype,
      shape,
      zeroPoint: tensor.zeroPoint,
      cycle,
      file,
    });
  }

  /** Writes `layers.json`: the outputs in the order in which their layers were completed. */
  finish(): void {
    this.write("layers.json", `${JSON.stringify(this.index, null, 2)}\n`);
  }

  private write(file: string, data: string | Uint8Array): void {
    writeFile(this.cwd, path.join(this.folder, file), data);
  }
}
