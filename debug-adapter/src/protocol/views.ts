/** Arguments and answers of the requests behind the tensor view and the memory view. */

/** What a tensor is compared with: itself at a cycle, or a file (.npy or bare bytes). */
export type TensorComparison = { readonly cycle: number } | { readonly file: string };

export interface TensorDescription {
  readonly name: string;
  /** `int8 1x28x28x16 nhwc` */
  readonly type: string;
  readonly dtype: string;
  readonly bits: number;
  readonly isSigned: boolean;
  /** n, h, w, c */
  readonly dims: readonly number[];
  readonly address: number;
  /** 0 = unknown. */
  readonly scale: number;
  readonly zeroPoint: number;
  /** The program's name of the tensor, where it is another. */
  readonly declared?: string;
  /** Cycle where the machine stands, and the end of what is known when it stands in the past. */
  readonly cycle: number;
  readonly end?: number;
  /** Cycle of the stop before, which `changed` compares with. */
  readonly lastStop?: number;
}

export interface TensorImageArguments {
  readonly expression: string;
  /** Axes (0 = n, 1 = h, 2 = w, 3 = c) that go right and down. */
  readonly x: number;
  readonly y: number;
  /** Indices on the other axes. */
  readonly index: readonly number[];
  /** One image for each of these indices along `strip`. */
  readonly slices: readonly number[];
  readonly strip: number;
  /** Elements of the plane; absent: all. */
  readonly left?: number;
  readonly top?: number;
  readonly width?: number;
  readonly height?: number;
  /** Pixels of an image at most. */
  readonly columns: number;
  readonly rows: number;
  readonly compare?: TensorComparison;
}

export interface TensorImages {
  readonly images: readonly {
    readonly columns: number;
    readonly rows: number;
    /** Numbers by pixel as base64 of little-endian `encoding`; `max` is absent where a pixel is one element. */
    readonly min: string;
    readonly max?: string;
    /** A byte by pixel: 1 where something has changed since the last stop; absent when nothing has. */
    readonly changed?: string;
  }[];
  readonly encoding: "int32" | "float64";
  /** The numbers are real values: they were compared with a file of such. */
  readonly isReal: boolean;
}

export interface ByteChanges {
  /** Offset and count of each run of changed bytes. */
  readonly runs: readonly (readonly [offset: number, count: number])[];
  /** Cycle of the stop before; absent: the machine has not run yet. */
  readonly lastStop?: number;
}

export interface MemoryBreakpoint {
  readonly address: number;
  readonly bytes: number;
  readonly access: "read" | "write" | "readWrite" | "change";
}
