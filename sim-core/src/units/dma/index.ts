export * from "./channel.ts";
export * from "./ddr.ts";
export * from "./transfer.ts";
