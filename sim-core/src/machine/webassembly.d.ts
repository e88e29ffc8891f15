/** The part of the WebAssembly interface that the core uses; every host has it, lib.es2023 doesn't name it. */
declare namespace WebAssembly {
  class Memory {
    constructor(descriptor: { initial: number; maximum: number });
    readonly buffer: ArrayBuffer;
    /** @returns pages before */
    grow(pages: number): number;
  }
  class Module {
    constructor(bytes: Uint8Array);
  }
  class Instance {
    constructor(module: Module);
    readonly exports: object;
  }
  function validate(bytes: Uint8Array): boolean;
}
