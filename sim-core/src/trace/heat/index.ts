export { heatItem } from "./heat-item.ts";
export { HeatMap } from "./heat-map.ts";
export * from "./model.ts";
