import type { Sample } from "../sample.ts";

const options = {
  browser: "src/main.ts",
  index: "src/index.html",
  tsConfig: "tsconfig.json",
  optimization: false,
  sourceMap: true,
};

/** As `ng new --minimal` makes it: one standalone component. */
export const angular22: Sample = {
  name: "angular-22",
  title: "Angular 22",
  framework: "angular",
  version: { npm: "@angular/core" },
  node: 24,
  files: {
    "package.json": JSON.stringify({
      name: "sample-angular-22",
      private: true,
      scripts: { ng: "ng", start: "ng serve" },
      dependencies: {
        "@angular/common": "^22.2.6",
        "@angular/compiler": "^22.2.6",
        "@angular/core": "^22.2.6",
        "@angular/platform-browser": "^22.2.6",
        rxjs: "^7.8.2",
        tslib: "^2.8.1",
      },
      devDependencies: {
        "@angular/build": "^22.2.7",
        "@angular/cli": "^22.2.7",
        "@angular/compiler-cli": "^22.2.6",
        typescript: "~6.0.0",
      },
    }),
    "angular.json": JSON.stringify({
      version: 1,
      projects: {
        app: {
          projectType: "application",
          root: "",
          sourceRoot: "src",
          architect: {
            build: { builder: "@angular/build:application", options },
            serve: { builder: "@angular/build:dev-server", options: { buildTarget: "app:build" } },
          },
        },
      },
    }),
    "tsconfig.json": JSON.stringify({
      compilerOptions: {
        target: "ES2022",
        module: "preserve",
        moduleResolution: "bundler",
        strict: true,
        experimentalDecorators: true,
        importHelpers: true,
        skipLibCheck: true,
      },
      files: ["src/main.ts"],
    }),
    "src/index.html": `<!doctype html>
<html lang="en">
  <head><meta charset="utf-8" /><title>Angular</title><base href="/" /></head>
  <body><app-root></app-root></body>
</html>
`,
    "src/main.ts": `import { bootstrapApplication } from "@angular/platform-browser";
import { App } from "./app/app";

bootstrapApplication(App).catch((error) => console.error(error));
`,
    "src/app/app.ts": `import { Component, signal } from "@angular/core";

@Component({ selector: "app-root", templateUrl: "./app.html" })
export class App {
  readonly count = signal(0);
  add() {
    this.count.update((count) => count + 1);
  }
}
`,
    "src/app/app.html": `<h1>Hello from Angular</h1>
<button type="button" (click)="add()">count is {{ count() }}</button>
`,
  },
  page: { text: "Hello from Angular", selector: "h1", counter: "button" },
  edit: { file: "src/app/app.html", from: "Hello from Angular", to: "Angular says hello again", follows: "hot" },
};
