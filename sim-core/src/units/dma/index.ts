export * from "./channel.ts";
export * from "./ddr.ts";
export * from "./execute.ts";
export * from "./latch.ts";
export * from "./prepare.ts";
export * from "./work.ts";
