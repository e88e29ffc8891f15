import "./style.css";
import { render } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { ProfileView, ToWebview } from "../messages.ts";
import { ready } from "./host.ts";
import { Profile } from "./profile.tsx";

function App() {
  const [profile, setProfile] = useState<ProfileView | "loading" | "empty">("loading");
  useEffect(() => {
    // VS Code gives a webview messages of its own extension only.
    const take = (event: MessageEvent<ToWebview>): void =>
      setProfile(event.data.type === "profile" ? event.data.profile : "empty");
    window.addEventListener("message", take);
    ready();
    return () => window.removeEventListener("message", take);
  }, []);
  if (profile === "loading") return <p class="note">Loading…</p>;
  if (profile === "empty") {
    return (
      <p class="note">
        No profile yet. Open a <code>.nnasm</code> file and run <b>NNASM: Profile Program</b>.
      </p>
    );
  }
  return <Profile profile={profile} />;
}

const root = document.getElementById("root");
if (root !== null) render(<App />, root);
