/** What the debugger says of the tensor, asked anew whenever something changes; answers that came too late are dropped. */
import { useEffect, useState } from "preact/hooks";
import { ask } from "../../shared/debug-page.ts";
import { decoded, type Image } from "../model/pixels.ts";
import type { Part, Plane } from "../model/plane.ts";
import { restAxis } from "../model/plane.ts";
import type { Choices, Comparison, Description, Images, Statistics } from "./state.ts";
import { THUMBNAIL } from "./strip.tsx";

export interface Asked<T> {
  readonly body: T | undefined;
  /** In words, why there is none. */
  readonly problem: string | undefined;
}

const NOTHING = { body: undefined, problem: undefined };

/**
 * @param key what the answer depends on; empty = nothing is asked
 * @param question asks
 */
function useAnswer<T>(key: string, question: () => Promise<T>): Asked<T> {
  const [asked, setAsked] = useState<Asked<T>>(NOTHING);
  useEffect(() => {
    if (key === "") return;
    let isLate = false;
    question().then(
      (body) => {
        if (!isLate) setAsked({ body, problem: undefined });
      },
      (error: unknown) => {
        if (!isLate) setAsked({ body: undefined, problem: error instanceof Error ? error.message : String(error) });
      },
    );
    return () => {
      isLate = true;
    };
  }, [key]);
  return asked;
}

export interface ShownImage {
  readonly image: Image;
  readonly part: Part;
  readonly isReal: boolean;
}

/** How the images of a tensor are asked for, apart from the part. */
function planeOf(choices: Choices, plane: Plane) {
  const index = [0, 0, 0, 0];
  index[restAxis(plane)] = choices.rest;
  const { expression, compare } = choices;
  return { expression, ...plane, index, ...(compare ? { compare } : {}) };
}

export function useImage(generation: string, choices: Choices, plane: Plane, part: Part | undefined) {
  const wanted = { ...planeOf(choices, plane), slices: [choices.slice], ...part };
  const key = generation === "" || !part ? "" : `${generation} ${JSON.stringify(wanted)}`;
  return useAnswer<ShownImage>(key, async () => {
    const { images, encoding, isReal } = await ask<Images>("nnasm/tensorImage", wanted);
    return { image: decoded(images[0]!, encoding), part: part!, isReal };
  });
}

export function useThumbnails(
  generation: string,
  choices: Choices,
  plane: Plane,
  seen: { readonly first: number; readonly count: number },
) {
  const slices = Array.from({ length: Math.max(0, seen.count) }, (_, at) => seen.first + at);
  const wanted = { ...planeOf(choices, plane), slices, columns: THUMBNAIL, rows: THUMBNAIL };
  const key = generation === "" || slices.length === 0 ? "" : `${generation} ${JSON.stringify(wanted)}`;
  return useAnswer<ReadonlyMap<number, Image>>(key, async () => {
    const { images, encoding } = await ask<Images>("nnasm/tensorImage", wanted);
    return new Map(images.map((image, at) => [slices[at]!, decoded(image, encoding)]));
  });
}

export function useStatistics(
  generation: string,
  { expression, compare }: { readonly expression: string; readonly compare: Comparison | undefined },
  slice: { readonly axis: number; readonly index: number } | undefined,
) {
  const wanted = { expression, ...(compare ? { compare } : {}), ...(slice ? { slice } : {}) };
  const key = generation === "" ? "" : `${generation} ${JSON.stringify(wanted)}`;
  return useAnswer<Statistics>(key, () => ask<Statistics>("nnasm/tensorStatistics", wanted));
}

export function useDescription(generation: string, expression: string) {
  const key = generation === "" || expression === "" ? "" : `${generation} ${expression}`;
  return useAnswer<Description>(key, () => ask<Description>("nnasm/tensor", { expression }));
}
