export * from "./accounting.ts";
export * from "./cu/index.ts";
export * from "./dma/index.ts";
export * from "./execution-unit.ts";
export * from "./nu/index.ts";
export * from "./operation.ts";
export * from "./queue.ts";
export * from "./scheduler.ts";
