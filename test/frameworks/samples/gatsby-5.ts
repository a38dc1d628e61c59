import { packageJson } from "../package-json.ts";
import type { Sample } from "../sample.ts";

const page = `import * as React from "react";

const IndexPage = () => {
  const [count, setCount] = React.useState(0);
  return (
    <main>
      <h1>Hello from Gatsby</h1>
      <button onClick={() => setCount(count + 1)}>Clicked {count} times</button>
    </main>
  );
};

export default IndexPage;

export const Head = () => <title>Gatsby</title>;
`;

export const gatsby5: Sample = {
  name: "gatsby-5",
  title: "Gatsby 5",
  framework: "gatsby",
  version: { npm: "gatsby" },
  files: {
    "package.json": packageJson({
      scripts: {
        develop: "gatsby develop",
        start: "gatsby develop",
        build: "gatsby build",
        serve: "gatsby serve",
        clean: "gatsby clean",
      },
      dependencies: { ajv: "^8.17.0", gatsby: "^5.16.0", react: "^18.2.0", "react-dom": "^18.2.0" },
    }),
    // one of its packages downloads a binary that no page here needs
    ".npmrc": "ignore-scripts=true\nlegacy-peer-deps=true\n",
    "gatsby-config.js":
      'module.exports = {\n  siteMetadata: { title: "Sample", siteUrl: "https://www.example.com" },\n  plugins: [],\n};\n',
    "src/pages/index.js": page,
    "src/pages/404.js": `import * as React from "react";

const NotFoundPage = () => <h1>Page not found</h1>;

export default NotFoundPage;
`,
  },
  page: { text: "Hello from Gatsby", selector: "h1", counter: "button" },
  edit: { file: "src/pages/index.js", from: "Hello from Gatsby", to: "Edited in Gatsby", follows: "hot" },
};
