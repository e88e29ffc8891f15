/** Scopes and variables. */
import type { DebugProtocol } from "@vscode/debugprotocol";
import { controlScopes, type NodeList, unitScopes, type ValueFormat, type ValueNode } from "../../runtime/index.ts";
import { reference } from "../convert.ts";
import { RequestError } from "../requests.ts";
import type { SessionState } from "../state.ts";
import type { Handlers } from "./handler.ts";

export const formatOf = (format: DebugProtocol.ValueFormat | undefined): ValueFormat => ({ hex: format?.hex === true });

/** What says that a value has children, for variables and results alike. */
export function childrenOf(
  state: SessionState,
  list: NodeList | undefined,
): { variablesReference: number; indexedVariables?: number } {
  if (!list) return { variablesReference: 0 };
  const variablesReference = state.lists.add(list);
  return list.indexed ? { variablesReference, indexedVariables: list.indexed.count } : { variablesReference };
}

function variable(state: SessionState, node: ValueNode): DebugProtocol.Variable {
  const { name, value, type, expression, address, children, place, set } = node;
  return {
    name,
    value,
    ...(type === undefined ? {} : { type }),
    ...(expression === undefined ? {} : { evaluateName: expression }),
    ...(address === undefined ? {} : { memoryReference: reference(address) }),
    ...menuContext(node),
    ...(set === undefined ? { presentationHint: { attributes: ["readOnly"] } } : {}),
    // For an address the place is where it points; for anything else, where it is declared.
    ...(place === undefined ? {} : { [locationKind(node)]: state.locations.add(place) }),
    ...childrenOf(state, children),
  };
}

/** What VS Code's menus ask about a variable: the extension's commands are there for tensors and for what lies in memory. */
function menuContext({ type, address }: ValueNode): { __vscodeVariableMenuContext?: string } {
  if (type === "tensor" || type === "tensor descriptor") return { __vscodeVariableMenuContext: "tensor" };
  return address === undefined ? {} : { __vscodeVariableMenuContext: "memory" };
}

const locationKind = ({ type }: ValueNode): "valueLocationReference" | "declarationLocationReference" =>
  type === "tensor" || type === "number" || type === "address"
    ? "declarationLocationReference"
    : "valueLocationReference";

function listOf(state: SessionState, handle: number): NodeList {
  const list = state.lists.get(handle);
  if (!list) throw new RequestError("these values belong to an earlier stop", false);
  return list;
}

function select(list: NodeList, arguments_: DebugProtocol.VariablesArguments): readonly ValueNode[] {
  const { filter, start = 0, count = 0 } = arguments_;
  const format = formatOf(arguments_.format);
  const { indexed } = list;
  const named = filter === "indexed" ? [] : (list.named?.(format) ?? []);
  if (filter === "named" || !indexed) return count > 0 ? named.slice(start, start + count) : named.slice(start);
  return [...named, ...indexed.at(start, count > 0 ? count : Math.min(indexed.count, MAX_UNPAGED), format)];
}

/** A client that doesn't page gets so many elements and no more. */
const MAX_UNPAGED = 10_000;

/** The child of a list by name; elements of tensors are found by their index. */
function child(list: NodeList, name: string, format: ValueFormat): ValueNode | undefined {
  const index = /^\[(\d+)\]$/.exec(name);
  if (index && list.indexed) return list.indexed.at(Number(index[1]), 1, format)[0];
  return list.named?.(format).find((candidate) => candidate.name === name);
}

/** A variable that the client was given. @throws RequestError when there is none of that name */
export function nodeOf(state: SessionState, variablesReference: number, name: string): ValueNode {
  const node = child(listOf(state, variablesReference), name, { hex: false });
  if (!node) throw new RequestError(`there is no ${name} here`);
  return node;
}

export const variableHandlers = {
  scopes: (state, { frameId }) => {
    const handle = state.frames.get(frameId);
    if (!handle) throw new RequestError("this frame belongs to an earlier stop", false);
    const { machine } = state.debugger;
    const { unit, frame } = handle;
    const scopes = unit === "cu" ? controlScopes(machine, frame) : unitScopes(machine, unit, frame);
    return {
      scopes: scopes.map((scope) => ({
        name: scope.name,
        ...(scope.isRegisters ? { presentationHint: "registers" } : {}),
        expensive: scope.isExpensive ?? false,
        ...childrenOf(state, scope),
      })),
    };
  },
  variables: (state, arguments_) => ({
    variables: select(listOf(state, arguments_.variablesReference), arguments_).map((node) => variable(state, node)),
  }),
  setVariable: (state, { variablesReference, name, value, format }) => {
    const list = listOf(state, variablesReference);
    const node = nodeOf(state, variablesReference, name);
    if (!node.set) throw new RequestError(`${name} can't be set`);
    const { set } = node;
    state.debugger.edit(() => set(value));
    const { value: text, type, address, bytes, children } = child(list, name, formatOf(format)) ?? node;
    if (address !== undefined && bytes !== undefined) state.memoryChanged(address, bytes);
    // A new pc is another place, and a register may be what other values are made of.
    state.invalidate(name === "pc" ? ["all"] : ["variables"]);
    return {
      value: text,
      ...(type === undefined ? {} : { type }),
      ...(address === undefined ? {} : { memoryReference: reference(address) }),
      ...childrenOf(state, children),
    };
  },
} as const satisfies Handlers;
