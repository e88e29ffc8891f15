import { openSource } from "./host.ts";

/** A chart of sim-core's report; what stands for a place in a source opens it, by pointer or keyboard. */
export function Chart({ svg }: { readonly svg: string }) {
  const open = (event: Event): void => {
    const link = event.target instanceof Element ? event.target.closest<SVGElement>("[data-file]") : null;
    const { file, line } = link?.dataset ?? {};
    if (file !== undefined && line !== undefined) openSource(file, Number(line));
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the links are within the picture
    <div
      class="chart"
      onClick={open}
      onKeyDown={(event) => {
        if (event.key === "Enter" || event.key === " ") open(event);
      }}
      dangerouslySetInnerHTML={{ __html: svg }}
    />
  );
}
