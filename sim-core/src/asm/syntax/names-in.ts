/** The names in a statement's operands, whatever they mean. */
import type { Operand, Statement } from "./tree.ts";

export function namesIn({ operands }: Statement): string[] {
  const names: string[] = [];
  const open: Operand[] = [...operands];
  for (let node = open.pop(); node; node = open.pop()) {
    switch (node.kind) {
      case "name":
        names.push(node.name);
        break;
      case "group":
      case "modifier":
        open.push(node.inner);
        break;
      case "unary":
        open.push(node.operand);
        break;
      case "binary":
        open.push(node.left, node.right);
        break;
      case "memory":
        open.push(node.offset, node.base);
        break;
      case "keyword":
        open.push(node.value);
        break;
      default:
        break;
    }
  }
  return names;
}
