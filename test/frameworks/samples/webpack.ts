import type { Sample } from "../sample.ts";

const files = {
  "webpack.config.js": `const HtmlWebpackPlugin = require("html-webpack-plugin");

module.exports = {
  mode: "development",
  entry: "./src/index.js",
  plugins: [new HtmlWebpackPlugin({ template: "src/index.html" })],
};
`,
  "src/index.html": `<!doctype html>
<html lang="en">
  <head><meta charset="utf-8" /><title>webpack</title></head>
  <body><h1></h1><button type="button">count is 0</button></body>
</html>
`,
  "src/index.js": `import { message } from "./message.js";

const [heading, button] = [document.querySelector("h1"), document.querySelector("button")];
let count = 0;
heading.textContent = message;
button.addEventListener("click", () => {
  button.textContent = "count is " + (count += 1);
});
module.hot?.accept("./message.js", () => {
  heading.textContent = message;
});
`,
  "src/message.js": `export const message = "Hello from webpack";
`,
};

function onWebpack(devServer: string): Pick<Sample, "framework" | "version" | "files" | "page" | "edit"> {
  return {
    framework: "webpack",
    version: { npm: "webpack-dev-server" },
    files: {
      ...files,
      "package.json": JSON.stringify({
        name: "sample-webpack",
        private: true,
        scripts: { start: "webpack serve" },
        devDependencies: {
          "html-webpack-plugin": "^5.6.8",
          webpack: "^5.112.2",
          "webpack-cli": "^7.3.1",
          "webpack-dev-server": devServer,
        },
      }),
    },
    page: { text: "Hello from webpack", selector: "h1", counter: "button" },
    edit: { file: "src/message.js", from: "Hello from webpack", to: "webpack says hello again", follows: "hot" },
  };
}

export const webpackDevServer5: Sample = {
  ...onWebpack("^5.2.7"),
  name: "webpack-dev-server-5",
  title: "webpack 5, webpack-dev-server 5",
};

export const webpackDevServer6: Sample = {
  ...onWebpack("^6.1.0"),
  name: "webpack-dev-server-6",
  title: "webpack 5, webpack-dev-server 6",
  node: 24,
};
