/** Time and traffic of the neural unit's operations: of one that is like one before, worked out only once. */
import type { MachineConfig } from "../../config/index.ts";
import { MAC_BUCKETS } from "../accounting.ts";
import { Memo, placed, Signature, type Traffic, trafficBytes, trafficMemo } from "../dm/index.ts";
import { type NuTiming, nuTiming } from "./timing.ts";
import { nuTraffic } from "./traffic.ts";
import { NU_KINDS, type NuWork } from "./work.ts";

const PRECISIONS: readonly NuWork["precision"][] = ["int8", "int4", "int16", "bit"];
const SPLITS: readonly NuWork["split"][] = ["channels", "rows", "images"];

/** Everything that decides an operation's time and its traffic, but for the prefetch. */
function sign(signature: Signature, work: NuWork, mask: Uint8Array | undefined): Signature {
  const { kh, kw, strideH, strideW, padTop, padLeft, dilationH, dilationW, groups } = work;
  signature.add(NU_KINDS.indexOf(work.kind), PRECISIONS.indexOf(work.precision), SPLITS.indexOf(work.split));
  signature.add(kh, kw, strideH, strideW, padTop, padLeft, dilationH, dilationW, groups);
  return signature
    .tensor(work.input)
    .tensor(work.second)
    .tensor(work.out)
    .list(mask ?? []);
}

export class KnownNuWork {
  private readonly config: MachineConfig;
  private readonly signature: Signature;
  private readonly timings = new Memo<NuTiming>(() => MAC_BUCKETS.length);
  private readonly traffics = trafficMemo();
  private readonly bytes = new WeakMap<Traffic, number>();

  constructor(config: MachineConfig) {
    this.config = config;
    this.signature = new Signature(config);
  }

  /** What `nuTiming` says. */
  timing(work: NuWork, mask: Uint8Array | undefined): NuTiming {
    return this.timings.get(sign(this.signature.clear(), work, mask), () => nuTiming(work, this.config, mask));
  }

  /** Bytes that an operation reads and writes in the data memory, those that it reads again included. */
  dataBytes(work: NuWork, mask: Uint8Array | undefined): number {
    const traffic = this.traffic(work, mask, 0);
    if (!traffic) return 0;
    const known = this.bytes.get(traffic);
    if (known !== undefined) return known;
    const bytes = trafficBytes(traffic);
    this.bytes.set(traffic, bytes);
    return bytes;
  }

  /** What `nuTraffic` says, at addresses of the same banks. */
  traffic(work: NuWork, mask: Uint8Array | undefined, hidden: number): Traffic | undefined {
    const signature = sign(this.signature.clear(), work, mask).add(hidden);
    return this.traffics.get(signature, () => {
      const input = placed(work.input, this.config);
      const second = placed(work.second, this.config);
      return nuTraffic({ ...work, input, second, out: placed(work.out, this.config) }, this.config, mask, hidden);
    });
  }
}
