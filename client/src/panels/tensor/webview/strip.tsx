/** All slices of the tensor side by side, as many of them as are seen. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { ColourRange, Image, Palette } from "../model/pixels.ts";
import { bitmap } from "./surface.tsx";

/** CSS pixels of a thumbnail with its number. */
export const THUMBNAIL = 64;
const ROW = THUMBNAIL + 22;

interface StripProps {
  readonly count: number;
  readonly selected: number;
  readonly axis: string;
  readonly images: ReadonlyMap<number, Image>;
  readonly palette: Palette;
  readonly range: ColourRange;
  readonly zero: number;
  select(slice: number): void;
  /** The slices that are seen now. */
  seen(first: number, count: number): void;
}

export function Strip({ count, selected, axis, images, palette, range, zero, select, seen }: StripProps) {
  const list = useRef<HTMLDivElement>(null);
  const [window, setWindow] = useState({ first: 0, count: 12 });
  useEffect(() => {
    const element = list.current!;
    const look = (): void => {
      const first = Math.max(0, Math.floor(element.scrollTop / ROW));
      const shown = Math.ceil(element.clientHeight / ROW) + 1;
      setWindow((old) => (old.first === first && old.count === shown ? old : { first, count: shown }));
    };
    look();
    const observer = new ResizeObserver(look);
    observer.observe(element);
    element.addEventListener("scroll", look);
    return () => {
      observer.disconnect();
      element.removeEventListener("scroll", look);
    };
  }, []);
  useEffect(() => seen(window.first, Math.min(window.count, count - window.first)), [window, count]);
  useEffect(() => {
    const element = list.current!;
    const top = selected * ROW;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top + ROW > element.scrollTop + element.clientHeight) element.scrollTop = top + ROW - element.clientHeight;
  }, [selected]);
  const slices = Array.from(
    { length: Math.max(0, Math.min(window.count, count - window.first)) },
    (_, at) => window.first + at,
  );
  return (
    <div
      ref={list}
      class="strip"
      role="listbox"
      tabIndex={0}
      aria-label={`Slices along ${axis}`}
      aria-activedescendant={`slice-${selected}`}
      onKeyDown={(event) => {
        const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
        const end = event.key === "Home" ? 0 : event.key === "End" ? count - 1 : undefined;
        if (step === 0 && end === undefined) return;
        event.preventDefault();
        select(end ?? Math.min(count - 1, Math.max(0, selected + step)));
      }}
    >
      <div class="all" style={{ height: `${count * ROW}px` }}>
        {slices.map((slice) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the list has the keys
          <div
            key={slice}
            id={`slice-${slice}`}
            class={slice === selected ? "slice chosen" : "slice"}
            role="option"
            tabIndex={-1}
            aria-selected={slice === selected}
            aria-label={`${axis} ${slice}`}
            style={{ top: `${slice * ROW}px` }}
            onClick={() => select(slice)}
          >
            <Thumbnail image={images.get(slice)} palette={palette} range={range} zero={zero} />
            <span aria-hidden="true">
              {axis} {slice}
            </span>
          </div>
        ))}
      </div>
    </div>
  );
}

interface ThumbnailProps {
  readonly image: Image | undefined;
  readonly palette: Palette;
  readonly range: ColourRange;
  readonly zero: number;
}

function Thumbnail({ image, palette, range, zero }: ThumbnailProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context) return;
    context.clearRect(0, 0, THUMBNAIL, THUMBNAIL);
    if (!image) return;
    const scale = Math.min(THUMBNAIL / image.columns, THUMBNAIL / image.rows);
    const [width, height] = [Math.max(1, image.columns * scale), Math.max(1, image.rows * scale)];
    context.imageSmoothingEnabled = false;
    const source = bitmap(image, palette, range, zero);
    context.drawImage(source, (THUMBNAIL - width) / 2, (THUMBNAIL - height) / 2, width, height);
  }, [image, palette, range.low, range.high, zero]);
  return <canvas ref={canvas} width={THUMBNAIL} height={THUMBNAIL} />;
}
