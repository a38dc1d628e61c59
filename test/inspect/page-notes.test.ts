import { describe, expect, it } from "vitest";
import type { PageEvent } from "../../src/inspect/browser.ts";
import { createPageNotebook } from "../../src/inspect/page-notes.ts";
import { redact } from "../../src/redact.ts";

function notesOf(...events: PageEvent[]) {
  const notebook = createPageNotebook(redact);
  for (const event of events) notebook.take(event);
  return notebook;
}
const printed = (text: string, about = ""): PageEvent => ({ kind: "console-error", text, about });

describe("the notes of a page", () => {
  it("hold each thing once, in the order in which it happened", () => {
    const notes = notesOf(
      printed("b"),
      printed("a"),
      printed("b"),
      { kind: "page-error", text: "TypeError: x" },
      { kind: "page-error", text: "TypeError: x" },
      { kind: "bad-status", url: "http://a/1", status: 500 },
      { kind: "failed", url: "http://a/2", error: "net::ERR_FAILED" },
      { kind: "failed", url: "http://a/1", error: "net::ERR_FAILED" },
    ).read();
    expect(notes).toEqual({
      consoleErrors: ["b", "a"],
      pageErrors: ["TypeError: x"],
      failedRequests: [
        { url: "http://a/1", status: 500 },
        { url: "http://a/2", error: "net::ERR_FAILED" },
      ],
      omitted: 0,
      crashed: false,
      flooded: false,
    });
  });

  it("leave out what the browser prints about a request that they hold anyway, whichever comes first", () => {
    const failed: PageEvent = { kind: "bad-status", url: "http://a/x", status: 404 };
    expect(notesOf(printed("Failed to load", "http://a/x"), failed).read().consoleErrors).toEqual([]);
    expect(notesOf(failed, printed("Failed to load", "http://a/x")).read().consoleErrors).toEqual([]);
    const document: PageEvent = { kind: "document", url: "http://a/", status: 500 };
    expect(notesOf(document, printed("Failed to load", "http://a/")).read().consoleErrors).toEqual([]);
  });

  it("keep what the browser prints about anything else, and whatever a script prints", () => {
    const failed: PageEvent = { kind: "bad-status", url: "http://a/x", status: 404 };
    expect(notesOf(failed, printed("blocked by CORS policy", "http://a/")).read().consoleErrors).toHaveLength(1);
    expect(notesOf(failed, printed("http://a/x failed")).read().consoleErrors).toHaveLength(1);
  });

  it("are bounded: twenty of each kind, the first ones, and a count of the others", () => {
    const notebook = createPageNotebook(redact);
    for (let index = 0; index < 30; index += 1) {
      notebook.take(printed(`line ${index} ${"x".repeat(5000)}`));
      notebook.take({ kind: "page-error", text: `${index}` });
      notebook.take({ kind: "failed", url: `http://a/${index}?${"q".repeat(5000)}`, error: "e".repeat(5000) });
    }
    const notes = notebook.read();
    expect(notes.consoleErrors).toHaveLength(20);
    expect(notes.consoleErrors[0]).toMatch(/^line 0 x+…$/);
    expect(notes.consoleErrors[0]!.length).toBeLessThanOrEqual(501);
    expect(notes.failedRequests[0]!.url.length).toBeLessThanOrEqual(301);
    expect(notes.failedRequests[0]!.error!.length).toBeLessThanOrEqual(101);
    expect(notes.omitted).toBe(30);
  });

  it("tell the status of the last document, and that the page's process ended", () => {
    const notebook = notesOf(
      { kind: "document", url: "http://a/", status: 200 },
      { kind: "document", url: "http://a/b", status: 404 },
    );
    expect(notebook.read()).toMatchObject({ httpStatus: 404, crashed: false });
    expect(notebook.hopeless()).toBe(false);
    notebook.take({ kind: "crashed" });
    expect(notebook.read().crashed).toBe(true);
    expect(notebook.hopeless()).toBe(true);
  });

  it("give a page up that tells more than anybody would read", () => {
    const notebook = createPageNotebook(redact);
    for (let index = 0; index < 2000; index += 1) notebook.take(printed("same"));
    expect(notebook.hopeless()).toBe(false);
    notebook.take({ kind: "chatter", length: 1 });
    expect(notebook.hopeless()).toBe(true);
  });

  it("give a page up that tells little, at great length", () => {
    const notebook = createPageNotebook(redact);
    for (let index = 0; index < 20; index += 1) notebook.take({ kind: "chatter", length: 1_000_000 });
    expect(notebook.hopeless()).toBe(false);
    notebook.take({ kind: "page-error", text: "x" });
    expect(notebook.hopeless()).toBe(true);
  });

  it("do not give a page up for the number of its modules", () => {
    const notebook = createPageNotebook(redact);
    for (let index = 0; index < 20_000; index += 1) notebook.take({ kind: "traffic" });
    expect(notebook.hopeless()).toBe(false);
  });

  it("count silence from the last request that began or ended", async () => {
    const notebook = createPageNotebook(redact);
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(notebook.quietFor()).toBeGreaterThan(20);
    notebook.take({ kind: "traffic" });
    expect(notebook.quietFor()).toBeLessThan(20);
  });
});
