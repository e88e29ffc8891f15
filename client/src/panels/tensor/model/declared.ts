/** Where a source declares tensors. */

export interface DeclaredTensor {
  /** Counted from zero. */
  readonly line: number;
  readonly name: string;
}

export function declaredTensors(text: string): DeclaredTensor[] {
  return text.split("\n").flatMap((source, line): DeclaredTensor[] => {
    const name = /^\s*(?:[\w.$]+:\s*)?\.tensor\s+([A-Za-z_.$][\w.$]*)\s*,/.exec(source)?.[1];
    return name === undefined ? [] : [{ line, name }];
  });
}
