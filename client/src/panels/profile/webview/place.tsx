import { type ProfiledPlace, placeName } from "@nnasm/sim-core/profile";
import { openSource } from "./host.ts";

interface PlaceProps {
  readonly place: ProfiledPlace | undefined;
  /** Instead of the place's own name. */
  readonly text?: string;
}

/** The name of a place, which opens it. */
export function Place({ place, text }: PlaceProps) {
  const shown = text ?? (place ? placeName(place) : "");
  const { file, line } = place ?? {};
  if (file === undefined || line === undefined) return <>{shown}</>;
  return (
    <button type="button" class="link" title={`Open ${file}, line ${line}`} onClick={() => openSource(file, line)}>
      {shown}
    </button>
  );
}
