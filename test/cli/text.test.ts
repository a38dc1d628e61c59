import { execFileSync } from "node:child_process";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { clientSnippet, frontCommand, mcpClients } from "../../src/cli/client-snippets.ts";
import { exitCodeOf, exitCodes, exitCodesHelp } from "../../src/cli/exit-codes.ts";
import { createProgress } from "../../src/cli/progress.ts";
import { quoteArguments } from "../../src/cli/quote-arguments.ts";
import { plain, table } from "../../src/cli/show-preview.ts";
import { PreviewError } from "../../src/errors.ts";

describe("words of a command line", () => {
  it("are one command when there is one, and arguments when there are several", () => {
    expect(quoteArguments(["npm run dev | tee log"])).toBe("npm run dev | tee log");
    expect(quoteArguments(["npm", "run", "dev", "--", "--port", "{port}"])).toBe("npm run dev -- --port {port}");
    expect(quoteArguments(["echo", "a b", "it's", "", "$(rm)"])).toBe("echo 'a b' 'it'\\''s' '' '$(rm)'");
  });

  it("reach sh as they were given", () => {
    const word = fc.string({ unit: "grapheme-ascii" }).filter((text) => !/[${}]/.test(text));
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 3 }), (words) => {
        const script = quoteArguments(["printf", "%s\\n", ...words]);
        expect(execFileSync("sh", ["-c", script], { encoding: "utf8" })).toBe(
          words.map((text) => `${text}\n`).join(""),
        );
      }),
      { numRuns: 20 },
    );
  });
});

describe("text of others", () => {
  it("loses whatever steers a terminal, and keeps what is text", () => {
    expect(plain("\u001b[2J\u001b]0;title\u0007a\tb\r\u009b31mc\u0000é ✓")).toBe("a\tbcé ✓");
  });

  it("is aligned in tables", () => {
    expect(
      table(
        ["A", "B"],
        [
          ["one", "2"],
          ["x", "\u001b[31mred\u001b[0m"],
        ],
      ),
    ).toBe("A    B\none  2\nx    red\n");
  });
});

describe("exit codes", () => {
  it("are all in the help", () => {
    for (const code of Object.values(exitCodes)) expect(exitCodesHelp).toMatch(new RegExp(`^ {2}${code} `, "m"));
  });

  it.each([
    ["plane_already_running", 3],
    ["plane_unreachable", 5],
    ["config_invalid", 2],
    ["cancelled", 130],
    ["launch_failed", 1],
  ] as const)("of %s is %d", (code, exit) => {
    expect(exitCodeOf(new PreviewError(code, "m", { hint: "h" }))).toBe(exit);
  });

  it("of anything unexpected is 1", () => {
    expect(exitCodeOf(new Error("x"))).toBe(1);
  });
});

describe("a client's snippet", () => {
  it("names the published package, or the files of a checkout", () => {
    const published = frontCommand({ isCheckout: false, node: "/n", bin: "/b" });
    expect(clientSnippet("claude-code", published, "/p").text).toBe(
      "claude mcp add dev-preview -- npx -y dev-preview-plane mcp",
    );
    expect(frontCommand({ isCheckout: true, node: "/n", bin: "/b" })).toEqual({ command: "/n", args: ["/b", "mcp"] });
  });

  it("exists for every client", () => {
    const front = frontCommand({ isCheckout: false, node: "/n", bin: "/b" });
    for (const client of mcpClients) expect(clientSnippet(client, front, "/p").text).toContain("dev-preview-plane");
  });
});

describe("progress", () => {
  function stream(isTTY: boolean) {
    let written = "";
    const fake = { isTTY, columns: 20, write: (text: string) => ((written += text), true) };
    return { stream: fake as unknown as NodeJS.WriteStream, written: () => written };
  }

  it("is one plain line per message where there is no terminal", () => {
    const { stream: out, written } = stream(false);
    const progress = createProgress(out);
    progress.tell("installing");
    progress.tell("installing");
    progress.tell("start\u001b[31ming");
    progress.end();
    expect(written()).toBe("installing\nstarting\n");
  });

  it("is one live line on a terminal, never longer than it is wide, and taken away at the end", () => {
    const { stream: out, written } = stream(true);
    const progress = createProgress(out);
    progress.end();
    expect(written()).toBe("");
    progress.tell("waiting for the port that was asked for");
    expect(written()).toContain("waiting for the");
    expect(written()).not.toContain("\n");
    expect(written().split("\u001b")[1]!.length).toBeLessThan(25);
    progress.end();
    const ended = written();
    expect(ended.endsWith("\u001b[2K")).toBe(true);
    progress.end();
    expect(written()).toBe(ended);
  });
});
