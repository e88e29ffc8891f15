import { countText, type Profile, percentText, timeText } from "@nnasm/sim-core/profile";
import type { FindingView } from "../messages.ts";
import { openSource } from "./host.ts";

interface AdviceProps {
  readonly findings: readonly FindingView[];
  readonly profile: Profile;
  readonly asTime: boolean;
}

/** What the rules of advice have found, the largest saving first. */
export function Advice({ findings, profile, asTime }: AdviceProps) {
  if (findings.length === 0) return <p class="note">No advice came with this profile.</p>;
  return (
    <ol class="advice">
      {findings.map(({ title, message, edit, savedCycles, confidence, place }) => (
        <li key={`${title} ${message}`}>
          <h3>{title}</h3>
          <p>{message}</p>
          <p>{edit}</p>
          <p class="none">
            {savedCycles > 0 &&
              `Saves about ${asTime ? timeText(savedCycles, profile.clockMHz) : `${countText(savedCycles)} cycles`} (${percentText(savedCycles / (profile.cycles || 1))}), confidence: ${confidence}. `}
            {place && (
              <button type="button" class="link" onClick={() => openSource(place.file, place.line)}>
                {`${place.file.split(/[\\/]/).at(-1)}:${place.line}`}
              </button>
            )}
          </p>
        </li>
      ))}
    </ol>
  );
}
