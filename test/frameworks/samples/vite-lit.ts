import type { Sample } from "../sample.ts";
import { viteProject } from "./vite-project.ts";

/** A custom element cannot be defined twice, so Vite loads the page again. */
export const viteLit: Sample = {
  name: "vite-lit",
  title: "Vite + Lit 3",
  framework: "vite",
  version: { npm: "vite" },
  files: {
    ...viteProject({
      title: "Vite + Lit 3",
      entry: "src/my-element.js",
      body: `<my-element></my-element>`,
      dependencies: { lit: "^3.3.0" },
      devDependencies: { vite: "^8.0.0" },
    }),
    "src/my-element.js": `import { LitElement, html } from "lit";

export class MyElement extends LitElement {
  static properties = { count: { type: Number } };

  constructor() {
    super();
    this.count = 0;
  }

  render() {
    return html\`
      <h1>Hello from Lit</h1>
      <button type="button" @click=\${() => this.count++}>Count is \${this.count}</button>
    \`;
  }
}

customElements.define("my-element", MyElement);
`,
  },
  page: { text: "Hello from Lit", selector: "h1", counter: "button" },
  edit: { file: "src/my-element.js", from: "Hello from Lit", to: "Edited with Lit", follows: "reload" },
};
