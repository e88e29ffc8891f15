import type { CauseView, LayerView } from "../messages.ts";
import { percent } from "../numbers.ts";

/** Shares below this are left out of the spoken text, not of the bar. */
const WORTH_SAYING = 0.005;

interface SlotsBarProps {
  readonly layer: LayerView;
  readonly causes: readonly CauseView[];
}

/** One bar of 100 %: where the MAC slots of a layer went. */
export function SlotsBar({ layer, causes }: SlotsBarProps) {
  const parts = causes.flatMap((cause, index) => {
    const share = layer.slots[index] ?? 0;
    return share > 0 ? [{ cause, share }] : [];
  });
  if (parts.length === 0) {
    return (
      <span class="none" title="The neural unit spent no time on this layer">
        none
      </span>
    );
  }
  const text = parts
    .filter(({ share }) => share >= WORTH_SAYING)
    .map(({ cause, share }) => `${cause.label} ${percent(share)}`)
    .join(", ");
  return (
    <div class="bar" role="img" aria-label={text}>
      {parts.map(({ cause, share }) => (
        <span
          key={cause.id}
          class={`part cause-${cause.id}`}
          style={{ width: `${share * 100}%` }}
          title={`${cause.label} ${percent(share)}`}
        />
      ))}
    </div>
  );
}

/** What the colours mean, with the whole program's shares. */
export function Legend({ causes, total }: { readonly causes: readonly CauseView[]; readonly total: LayerView }) {
  return (
    <ul class="legend" aria-label="MAC slots of the whole program by cause">
      {causes.map((cause, index) => {
        const share = total.slots[index] ?? 0;
        return (
          <li key={cause.id} title={cause.description}>
            <span class={`part swatch cause-${cause.id}`} aria-hidden="true" />
            {cause.label} <b>{percent(share)}</b>
          </li>
        );
      })}
    </ul>
  );
}
