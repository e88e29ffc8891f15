/** Bookmarks, and the data breakpoints that were set here. */
import type { Bookmark, MemoryBreakpoint } from "../model/marks.ts";
import { hex, type NamedRange, placeText } from "../model/space.ts";

interface ListsProps {
  readonly bookmarks: readonly Bookmark[];
  readonly breakpoints: readonly MemoryBreakpoint[];
  readonly names: readonly NamedRange[];
  goTo(address: number, count: number): void;
  keep(bookmarks: readonly Bookmark[]): void;
  watch(breakpoints: readonly MemoryBreakpoint[]): void;
}

const WHEN = { read: "read", write: "written", readWrite: "accessed", change: "changed" } as const;

export function Lists({ bookmarks, breakpoints, names, goTo, keep, watch }: ListsProps) {
  if (bookmarks.length === 0 && breakpoints.length === 0) return null;
  return (
    <div class="lists">
      {breakpoints.length > 0 && (
        <ul aria-label="Data breakpoints">
          {breakpoints.map((one, at) => (
            <li key={`${one.address} ${one.bytes} ${one.access}`}>
              <span class="dot" aria-hidden="true" />
              <button type="button" class="link" onClick={() => goTo(one.address, one.bytes)}>
                {placeText(names, one.address) ?? hex(one.address)}, {one.bytes.toLocaleString("en")} bytes
              </button>{" "}
              {WHEN[one.access]}
              <Remove
                what={`data breakpoint at ${hex(one.address)}`}
                remove={() => watch(breakpoints.filter((_, index) => index !== at))}
              />
            </li>
          ))}
        </ul>
      )}
      {bookmarks.length > 0 && (
        <ul aria-label="Bookmarks">
          {bookmarks.map(({ name, address }, at) => (
            <li key={`${name} ${address}`}>
              <button type="button" class="link" onClick={() => goTo(address, 1)}>
                {name}
              </button>
              <Remove what={`bookmark ${name}`} remove={() => keep(bookmarks.filter((_, index) => index !== at))} />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function Remove({ what, remove }: { readonly what: string; remove(): void }) {
  return (
    <button type="button" class="remove" aria-label={`Remove ${what}`} title="Remove" onClick={remove}>
      ×
    </button>
  );
}
