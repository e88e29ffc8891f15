import "./style.css";
import { render } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { SessionState } from "../../shared/debug-messages.ts";
import { ask, listen } from "../../shared/debug-page.ts";
import { onThemeChange } from "../../shared/theme.ts";
import { colourRange, type Image } from "../model/pixels.ts";
import { AXES, fitted, type Size, seenPart, usualPlane, zoomed } from "../model/plane.ts";
import { differenceText, valueText } from "../model/values.ts";
import { useDescription, useImage, useStatistics, useThumbnails } from "./answers.ts";
import { Element } from "./element.tsx";
import { Facts } from "./facts.tsx";
import { type Choices, type Description, keepChoices, keptChoices } from "./state.ts";
import { Strip } from "./strip.tsx";
import { Surface } from "./surface.tsx";
import { Toolbar } from "./toolbar.tsx";

const NO_IMAGES: ReadonlyMap<number, Image> = new Map();

function App() {
  const [choices, setChoices] = useState(keptChoices);
  const [session, setSession] = useState<{ state: SessionState; id: string }>({ state: "none", id: "" });
  // Counts what makes answers out of date.
  const [moment, setMoment] = useState(0);
  const [theme, setTheme] = useState(0);
  const [names, setNames] = useState<readonly string[]>([]);
  const change = (part: Partial<Choices>): void =>
    setChoices((old) => {
      const next = { ...old, ...part };
      keepChoices(next);
      return next;
    });
  useEffect(
    () =>
      listen({
        session: (state, id) => {
          setSession({ state, id });
          if (state === "stopped") setMoment((count) => count + 1);
        },
        show: (expression) => {
          if (keptChoices().expression === expression) return;
          change({ expression, plane: undefined, slice: 0, rest: 0, viewport: undefined, selected: undefined });
        },
      }),
    [],
  );
  useEffect(() => onThemeChange(() => setTheme((count) => count + 1)), []);
  const generation = session.state === "none" || moment === 0 ? "" : `${session.id} ${moment}`;
  useEffect(() => {
    if (generation === "") return;
    ask<{ tensors: readonly { name: string }[] }>("nnasm/tensors").then(
      ({ tensors }) => setNames(tensors.map(({ name }) => name)),
      () => setNames([]),
    );
  }, [generation]);
  const description = useDescription(generation, choices.expression);
  if (session.state === "none" && description.body === undefined) {
    return (
      <p class="note">No NNASM program is being debugged. Start one with F5; the tensor is shown where it stops.</p>
    );
  }
  return (
    <View
      choices={choices}
      change={change}
      description={description.body}
      problem={description.problem}
      names={names}
      generation={description.body && description.problem === undefined ? generation : ""}
      state={session.state}
      theme={theme}
      changed={() => setMoment((count) => count + 1)}
    />
  );
}

interface ViewProps {
  readonly choices: Choices;
  readonly description: Description | undefined;
  readonly problem: string | undefined;
  readonly names: readonly string[];
  readonly generation: string;
  readonly state: SessionState;
  readonly theme: number;
  change(part: Partial<Choices>): void;
  changed(): void;
}

const NUMBERED = { bits: 8, scale: 0, zeroPoint: 0, isSigned: true };

function View({ choices, change, description, problem, names, generation, state, theme, changed }: ViewProps) {
  const frame = useRef<HTMLDivElement>(null);
  const field = useRef<HTMLInputElement>(null);
  const [size, setSize] = useState<Size>({ width: 400, height: 300 });
  const [seen, setSeen] = useState({ first: 0, count: 8 });
  const [said, setSaid] = useState("");
  useEffect(() => {
    const element = frame.current!;
    const observer = new ResizeObserver(() => {
      const [width, height] = [Math.floor(element.clientWidth), Math.floor(element.clientHeight)];
      if (width > 0 && height > 0) setSize({ width, height });
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const dims = description?.dims ?? [1, 1, 1, 1];
  const plane = choices.plane ?? usualPlane(dims, description?.type.endsWith("blocked") === true);
  const count = dims[plane.strip]!;
  const slice = Math.min(choices.slice, count - 1);
  const shape = { width: dims[plane.x]!, height: dims[plane.y]! };
  const viewport = choices.viewport ?? fitted(shape, size);
  const part = seenPart(viewport, shape, size);
  const looked = { ...choices, slice };
  const image = useImage(generation, looked, plane, part);
  const thumbnails = useThumbnails(count > 1 ? generation : "", looked, plane, {
    first: seen.first,
    count: Math.min(seen.count, count - seen.first),
  });
  const counted = choices.isSliceCounted ? { axis: plane.strip, index: slice } : undefined;
  const statistics = useStatistics(generation, choices, counted);
  const whole = useStatistics(choices.isSliceCounted ? generation : "", choices, undefined);

  const quantity = description ?? NUMBERED;
  const isDifference = choices.compare !== undefined;
  const isReal = image.body?.isReal === true;
  const text = (value: number): string =>
    isDifference
      ? differenceText(value, choices.notation, quantity, isReal)
      : valueText(value, choices.notation, quantity);
  const zero = isDifference ? 0 : quantity.zeroPoint;
  const { min = 0, max = 0 } = (choices.isSliceCounted ? whole : statistics).body ?? {};
  const range = colourRange(choices.palette, min, max, zero);

  const { selected } = choices;
  const index = [0, 0, 0, 0];
  index[plane.strip] = slice;
  index[plane.x] = selected?.column ?? 0;
  index[plane.y] = selected?.row ?? 0;
  index[6 - plane.x - plane.y - plane.strip] = choices.rest;
  const at = selected && image.body ? pixelOf(image.body, selected) : undefined;
  const low = at === undefined ? undefined : image.body!.image.min[at];
  const high = at === undefined ? undefined : image.body!.image.max[at];
  const isOne = low !== undefined && low === high;
  const shown =
    low === undefined || high === undefined ? undefined : isOne ? text(low) : `${text(low)} to ${text(high)} here`;
  const hasChanged = at !== undefined && image.body?.image.changed?.[at] === 1;
  const label = selected
    ? `${AXES.map((name, axis) => `${name} ${index[axis]}`).join(", ")}: ${shown ?? "unknown"}${hasChanged ? ", changed since the last stop" : ""}`
    : "Arrow keys choose an element.";
  const trouble = problem ?? image.problem ?? statistics.problem;
  return (
    <div class="panel">
      <Toolbar
        choices={choices}
        description={description}
        plane={plane}
        names={names}
        change={change}
        zoom={(factor) =>
          change({
            viewport:
              factor === "fit" ? undefined : zoomed(viewport, factor, [size.width / 2, size.height / 2], shape, size),
          })
        }
      />
      <p class="what">
        {description && <Line description={description} />}
        {state === "running" && <span class="dim"> The program is running: this is the last stop.</span>}
        {state === "none" && <span class="dim"> The program has ended: this is the last stop.</span>}
      </p>
      {description?.end !== undefined && (
        <p class="past" role="note">
          In the past, at cycle {description.cycle.toLocaleString("en")} of {description.end.toLocaleString("en")}: a
          change here begins a new future.
        </p>
      )}
      {trouble !== undefined && (
        <p class="problem" role="alert">
          {trouble}
        </p>
      )}
      <div class="body">
        {count > 1 && (
          <Strip
            count={count}
            selected={slice}
            axis={AXES[plane.strip]!}
            images={thumbnails.body ?? NO_IMAGES}
            palette={choices.palette}
            range={range}
            zero={zero}
            select={(chosen) => change({ slice: chosen })}
            seen={(first, seenCount) => setSeen({ first, count: seenCount })}
          />
        )}
        <div ref={frame} class="frame">
          <Surface
            image={image.body?.image}
            part={image.body?.part}
            plane={shape}
            size={size}
            viewport={viewport}
            palette={choices.palette}
            range={range}
            zero={zero}
            marksChanges={choices.marksChanges}
            selected={selected}
            label={label}
            theme={theme}
            text={text}
            move={(next) => change({ viewport: next })}
            select={(place) => change({ selected: place })}
            turn={(by) => change({ slice: Math.min(count - 1, Math.max(0, slice + by)) })}
            edit={() => field.current?.focus()}
            fit={() => change({ viewport: undefined })}
          />
        </div>
        <aside>
          {description && selected && (
            <Element
              choices={choices}
              description={description}
              index={index}
              stored={isDifference || !isOne ? undefined : low}
              shown={isDifference || !isOne ? shown : undefined}
              canEdit={state === "stopped"}
              field={field}
              changed={(message) => {
                setSaid(message);
                changed();
              }}
            />
          )}
          {!selected && <p class="dim">Click an element, or walk with the arrow keys, to see and change it.</p>}
          {count > 1 && (
            <label class="counted">
              <input
                type="checkbox"
                checked={choices.isSliceCounted}
                onChange={(event) => change({ isSliceCounted: event.currentTarget.checked })}
              />
              Only {AXES[plane.strip]} {slice}
            </label>
          )}
          <Facts statistics={statistics.body} isDifference={isDifference} text={text} />
        </aside>
      </div>
      <p class="said" aria-live="polite">
        {said || <span class="reader">{selected ? label : ""}</span>}
      </p>
    </div>
  );
}

function Line({ description }: { readonly description: Description }) {
  const { type, address, declared, scale, zeroPoint, cycle } = description;
  return (
    <>
      <b>{type}</b> at 0x{address.toString(16).padStart(8, "0")}
      {declared !== undefined && <> ({declared})</>}
      {scale !== 0 && `, scale ${Number(scale.toPrecision(6))}`}
      {(scale !== 0 || zeroPoint !== 0) && `, zero point ${zeroPoint}`}, cycle {cycle.toLocaleString("en")}
    </>
  );
}

/** The pixel of the image that stands for an element of the plane; undefined where it isn't seen. */
function pixelOf(
  { image, part }: { readonly image: Image; readonly part: ReturnType<typeof seenPart> },
  { column, row }: { readonly column: number; readonly row: number },
): number | undefined {
  const [x, y] = [column - part.left, row - part.top];
  if (x < 0 || y < 0 || x >= part.width || y >= part.height) return undefined;
  const across = Math.floor((x * image.columns) / part.width);
  return Math.floor((y * image.rows) / part.height) * image.columns + across;
}

const root = document.getElementById("root");
if (root !== null) render(<App />, root);
