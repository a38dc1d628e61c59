import { useState } from "react";
import { LastUpdate } from "./last-update.jsx";

export function App() {
  const [count, setCount] = useState(0);
  return (
    <main>
      <p className="kicker">Vite + React</p>
      <h1>Hello from a dev preview</h1>
      <p>
        Edit <code>src/app.jsx</code> and save: this page changes in place, and the counter keeps its value.
      </p>
      <button type="button" onClick={() => setCount(count + 1)}>
        Clicked {count} {count === 1 ? "time" : "times"}
      </button>
      <LastUpdate />
    </main>
  );
}
