import { packageJson } from "../package-json.ts";
import type { Sample } from "../sample.ts";

const compilerOptions = {
  module: "commonjs",
  target: "ES2023",
  outDir: "./dist",
  rootDir: "./src",
  emitDecoratorMetadata: true,
  experimentalDecorators: true,
  esModuleInterop: true,
  skipLibCheck: true,
};

export const nest: Sample = {
  name: "nest",
  title: "Nest 11",
  framework: "nest",
  version: { npm: "@nestjs/core" },
  files: {
    "package.json": packageJson({
      scripts: {
        build: "nest build",
        start: "nest start",
        "start:dev": "nest start --watch",
        "start:prod": "node dist/main",
      },
      dependencies: {
        "@nestjs/common": "^11.0.1",
        "@nestjs/core": "^11.0.1",
        "@nestjs/platform-express": "^11.0.1",
        "reflect-metadata": "^0.2.2",
        rxjs: "^7.8.1",
      },
      devDependencies: {
        "@nestjs/cli": "^11.0.0",
        "@nestjs/schematics": "^11.0.0",
        "@types/node": "^24.0.0",
        typescript: "^5.7.3",
      },
    }),
    "nest-cli.json": `${JSON.stringify({ collection: "@nestjs/schematics", sourceRoot: "src" }, null, 2)}\n`,
    "tsconfig.json": `${JSON.stringify({ compilerOptions }, null, 2)}\n`,
    "src/main.ts": `import { NestFactory } from "@nestjs/core";
import { AppModule } from "./app.module";

async function bootstrap() {
  const app = await NestFactory.create(AppModule);
  await app.listen(process.env.PORT ?? 3000);
}
bootstrap();
`,
    "src/app.module.ts": `import { Module } from "@nestjs/common";
import { AppController } from "./app.controller";
import { AppService } from "./app.service";

@Module({ controllers: [AppController], providers: [AppService] })
export class AppModule {}
`,
    "src/app.controller.ts": `import { Controller, Get } from "@nestjs/common";
import { AppService } from "./app.service";

@Controller()
export class AppController {
  constructor(private readonly appService: AppService) {}

  @Get()
  getHello(): string {
    return this.appService.getHello();
  }
}
`,
    "src/app.service.ts": `import { Injectable } from "@nestjs/common";

@Injectable()
export class AppService {
  getHello(): string {
    return "Hello from Nest";
  }
}
`,
  },
  page: { text: "Hello from Nest" },
  edit: { file: "src/app.service.ts", from: "Hello from Nest", to: "Edited in Nest", follows: "manual" },
};
