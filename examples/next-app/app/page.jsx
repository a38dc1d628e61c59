import { Counter } from "./counter.jsx";

export default function Page() {
  return (
    <main>
      <p className="kicker">Next, app router</p>
      <h1>Hello from a dev preview</h1>
      <p>
        Edit <code>app/page.jsx</code> and save: the server component changes in place, and the counter keeps its value.
      </p>
      <Counter />
    </main>
  );
}
