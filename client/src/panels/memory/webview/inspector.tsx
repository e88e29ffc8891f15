/** What is selected: its values in all types, who wrote it, a field that changes it, breakpoints and bookmarks. */
import type { RefObject } from "preact";
import { useEffect, useState } from "preact/hooks";
import { ask, openSource } from "../../shared/debug-page.ts";
import { base64, CELL_TYPES, type CellType, cellBytes, cellText } from "../model/cells.ts";
import type { Access, Bookmark, MemoryBreakpoint } from "../model/marks.ts";
import { hex, type NamedRange, placeText } from "../model/space.ts";
import type { Bytes } from "./answers.ts";

interface InspectorProps {
  readonly address: number;
  readonly count: number;
  readonly type: CellType;
  readonly bytes: Bytes;
  readonly names: readonly NamedRange[];
  readonly generation: string;
  readonly canEdit: boolean;
  /** What was typed in the grid. */
  readonly typed: string | undefined;
  readonly field: RefObject<HTMLInputElement | null>;
  changed(): void;
  watch(breakpoint: MemoryBreakpoint): void;
  bookmark(bookmark: Bookmark): void;
}

const ACCESSES: readonly (readonly [Access, string])[] = [
  ["write", "written"],
  ["change", "changed"],
  ["read", "read"],
  ["readWrite", "accessed"],
];

export function Inspector(props: InspectorProps) {
  const { address, count, type, bytes, names, canEdit, typed, field, changed, watch, bookmark } = props;
  const own = Array.from({ length: type.bytes }, (_, at) => bytes.at(address + at));
  const isKnown = own.every((byte) => byte !== undefined);
  const current = isKnown ? cellText(type, Uint8Array.from(own as number[])) : "";
  const [text, setText] = useState(current);
  const [problem, setProblem] = useState("");
  const [access, setAccess] = useState<Access>("write");
  useEffect(() => {
    setText(current);
    setProblem("");
  }, [address, current]);
  useEffect(() => {
    if (typed === undefined) return;
    if (typed !== "") setText(typed);
    field.current?.focus();
    if (typed === "") field.current?.select();
  }, [typed]);
  const write = async (): Promise<void> => {
    const data = cellBytes(type, text);
    if (typeof data === "string") {
      setProblem(data);
      return;
    }
    try {
      await ask("writeMemory", { memoryReference: `0x${hex(address)}`, data: base64(data) });
      setProblem("");
      changed();
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  };
  const place = placeText(names, address);
  return (
    <section class="inspector" aria-label="Selection">
      <h2>
        {hex(address)}
        {count > type.bytes && ` to ${hex(address + count - 1)}, ${count.toLocaleString("en")} bytes`}
        {place !== undefined && <span class="dim"> {place}</span>}
      </h2>
      <form
        class="bar"
        aria-label="Change"
        onSubmit={(event) => {
          event.preventDefault();
          void write();
        }}
      >
        <label>
          {type.label}
          <input
            ref={field}
            class="value"
            value={text}
            disabled={!canEdit}
            aria-invalid={problem !== ""}
            onInput={(event) => setText(event.currentTarget.value)}
          />
        </label>
        <button type="submit" disabled={!canEdit}>
          Write
        </button>
        <label>
          Stop when
          <select value={access} onChange={(event) => setAccess(event.currentTarget.value as Access)}>
            {ACCESSES.map(([id, label]) => (
              <option key={id} value={id}>
                {label}
              </option>
            ))}
          </select>
        </label>
        <button type="button" onClick={() => watch({ address, bytes: count, access })}>
          Add Data Breakpoint
        </button>
        <button type="button" onClick={() => bookmark({ name: place ?? hex(address), address })}>
          Bookmark
        </button>
      </form>
      <p class="problem" role="alert">
        {problem}
      </p>
      <Values address={address} bytes={bytes} />
      <Writer {...props} />
    </section>
  );
}

const SHOWN = ["int8", "uint8", "int16", "int32", "q7", "q15", "float32"];

function Values({ address, bytes }: { readonly address: number; readonly bytes: Bytes }) {
  return (
    <p class="values">
      {CELL_TYPES.filter(({ id }) => SHOWN.includes(id)).map((type) => {
        const own = Array.from({ length: type.bytes }, (_, at) => bytes.at(address + at));
        if (own.some((byte) => byte === undefined)) return null;
        return (
          <span key={type.id}>
            <span class="dim">{type.label}</span> {cellText(type, Uint8Array.from(own as number[]))}
          </span>
        );
      })}
    </p>
  );
}

interface LastWrite {
  readonly text: string;
  readonly cycle: number;
  readonly source?: { readonly path?: string; readonly name?: string };
  readonly line?: number;
}

/** Who has written what is selected since the last stop: asked only where something has changed. */
function Writer({ address, count, bytes, generation }: InspectorProps) {
  const isChanged = Array.from({ length: Math.min(count, 4096) }, (_, at) => bytes.changed.has(address + at)).includes(
    true,
  );
  const [writer, setWriter] = useState<LastWrite | undefined>(undefined);
  useEffect(() => {
    setWriter(undefined);
    if (!isChanged || generation === "") return;
    let isLate = false;
    ask<LastWrite | undefined>("nnasm/lastWrite", { address, bytes: count }).then(
      (body) => {
        if (!isLate) setWriter(body ?? undefined);
      },
      () => {},
    );
    return () => {
      isLate = true;
    };
  }, [address, count, isChanged, generation]);
  if (!isChanged) return null;
  if (!writer) return <p class="writer">Changed since the last stop.</p>;
  const { text, cycle, source, line } = writer;
  const file = source?.path;
  return (
    <p class="writer">
      Changed since the last stop: last written by {text} in cycle {cycle.toLocaleString("en")}
      {file !== undefined && line !== undefined && (
        <>
          {", "}
          <button type="button" class="link" onClick={() => openSource(file, line)}>
            {source?.name}:{line}
          </button>
        </>
      )}
    </p>
  );
}
