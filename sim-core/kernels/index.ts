/**
 * Kernels of the neural unit in AssemblyScript: WebAssembly SIMD over a memory of their own, into which the callers in
 * src/units/nu/simd copy operands. They keep nothing between calls. `npm run generate` compiles them.
 *
 * Addresses are bytes. Loads may reach up to 16 bytes beyond an operand and stores as far beyond a result: callers leave
 * room there, and write results in ascending order.
 */
export { depthwise } from "./depthwise";
export { finish } from "./finish";
export { multiply } from "./multiply";
export { pack, packRows, unblock } from "./weights";
export { widen } from "./widen";
