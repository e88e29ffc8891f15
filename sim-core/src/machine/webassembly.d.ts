/** The one part of the WebAssembly interface that the core uses; every host has it, lib.es2023 doesn't name it. */
declare namespace WebAssembly {
  class Memory {
    constructor(descriptor: { initial: number; maximum: number });
    readonly buffer: ArrayBuffer;
  }
}
