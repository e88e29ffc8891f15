/** Evaluation in hovers, watches and the Debug Console. */
import type { DebugProtocol } from "@vscode/debugprotocol";
import { complete, fullText, printedExpression, runCommand, type ValueNode, valueNode } from "../../runtime/index.ts";
import { reference } from "../convert.ts";
import type { SessionState } from "../state.ts";
import { runInConsole } from "./console-commands.ts";
import type { Handlers } from "./handler.ts";
import { childrenOf, formatOf } from "./variables.ts";

function result(state: SessionState, node: ValueNode) {
  const { type, address, children } = node;
  return {
    ...(type === undefined ? {} : { type }),
    ...(address === undefined ? {} : { memoryReference: reference(address) }),
    ...childrenOf(state, children),
  };
}

function evaluated(
  state: SessionState,
  text: string,
  mayAssign: boolean,
  format?: DebugProtocol.ValueFormat,
  frameId?: number,
): ValueNode {
  const { debugger: run } = state;
  const frame = frameId === undefined ? undefined : state.frames.get(frameId)?.frame;
  const evaluate = () => run.evaluate(text, mayAssign, frame);
  const { value, format: suffix } = mayAssign && assigns(text) ? run.edit(evaluate) : evaluate();
  return valueNode(run.machine, text, value, formatOf(format), suffix);
}

/** Whether the text assigns: then what the client shows may be out of date. */
const assigns = (text: string): boolean => /(?<![=!<>])=(?!=)/.test(text);

const KINDS = {
  register: "variable",
  tensor: "value",
  symbol: "reference",
  function: "function",
  field: "field",
} as const satisfies Record<string, DebugProtocol.CompletionItemType>;

export const expressionHandlers = {
  evaluate: (state, { expression, context, format, frameId }) => {
    const isConsole = context === "repl";
    const { debugger: run } = state;
    if (isConsole && runInConsole(state, expression)) return { result: "", variablesReference: 0 };
    if (isConsole) {
      const reply = runCommand(run.machine, expression, (text) => run.evaluate(text, false).value);
      if (reply) {
        const { text, address } = reply;
        const where = address === undefined ? {} : { memoryReference: reference(address) };
        return { result: text, variablesReference: 0, ...where };
      }
    }
    // Hovers and watches are evaluated again and again, so they must change nothing.
    const text = isConsole ? printedExpression(expression) : expression;
    if (context === "clipboard") {
      const { value } = run.evaluate(text, false, frameId === undefined ? undefined : state.frames.get(frameId)?.frame);
      if (value.kind === "tensor") return { result: fullText(value.tensor), variablesReference: 0 };
    }
    const node = evaluated(state, text, isConsole, format, frameId);
    if (isConsole && assigns(text)) state.invalidate(["all"]);
    return { result: node.value, ...result(state, node) };
  },
  setExpression: (state, { expression, value, format, frameId }) => {
    const node = evaluated(state, `${expression} = (${value})`, true, format, frameId);
    if (node.address !== undefined && node.bytes !== undefined) state.memoryChanged(node.address, node.bytes);
    state.invalidate(["all"]);
    return { value: node.value, ...result(state, node) };
  },
  completions: (state, { text, column }) => {
    const offset = state.client.offset(column);
    const { start, items } = complete(state.debugger.machine, text, offset);
    return {
      targets: items.map(({ name, kind, detail }) => ({
        label: name,
        type: KINDS[kind],
        detail,
        start,
        length: offset - start,
      })),
    };
  },
} as const satisfies Handlers;
