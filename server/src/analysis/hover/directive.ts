/** Hover over a directive. */
import { directiveInfo } from "../directives.ts";
import { fence } from "./instruction.ts";

export function directiveHover(name: string): string | undefined {
  const info = directiveInfo(name);
  return info && [`**${info.name}**: ${info.summary} · directive`, fence([info.syntax])].join("\n\n");
}
