import { useSyncExternalStore } from "react";

const loadedAt = new Date();
let updatedAt;
const listeners = new Set();

import.meta.hot?.on("vite:afterUpdate", () => {
  updatedAt = new Date();
  for (const listener of listeners) listener();
});

function subscribe(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** When this page was last changed without a load. */
export function LastUpdate() {
  const updated = useSyncExternalStore(subscribe, () => updatedAt);
  return (
    <dl>
      <div>
        <dt>Page loaded</dt>
        <dd>{loadedAt.toLocaleTimeString()}</dd>
      </div>
      <div>
        <dt>Last hot update</dt>
        <dd data-testid="last-update">{updated?.toLocaleTimeString() ?? "none yet"}</dd>
      </div>
    </dl>
  );
}
