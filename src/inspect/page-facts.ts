import * as z from "zod";
import { overlays } from "./overlays.ts";

/** Characters that leave the page: what is longer is cut there, before it comes to us. */
const maxTitle = 1000;
const maxOverlay = 4000;
/** Of the address of a frame that holds its own document. */
const maxFrame = 1_000_000;
/** Nodes that are looked at until something visible is found. */
const maxNodes = 5000;

const pageFacts = z.object({
  title: z.string().max(maxTitle),
  overlay: z.string().max(maxOverlay).optional(),
  blank: z.boolean(),
});

export type PageFacts = z.infer<typeof pageFacts>;

/** What a page answered; undefined when it is not what `pageFactsScript` gives: a page may interfere with it. */
export function parsePageFacts(answer: unknown): PageFacts | undefined {
  return pageFacts.safeParse(answer).data;
}

/**
 * Looks at the document: title, text of an error overlay, and whether a person would see anything
 * (text, a picture, a control) beside an overlay. JavaScript of the browser, and therefore text here.
 */
export const pageFactsScript = /* js */ `((overlays, { maxTitle, maxOverlay, maxFrame, maxNodes }) => {
  const silent = new Set(["SCRIPT", "STYLE", "LINK", "TEMPLATE", "NOSCRIPT"]);
  const painted = new Set(["IMG", "SVG", "CANVAS", "VIDEO", "IFRAME", "OBJECT", "EMBED", "INPUT", "BUTTON", "SELECT", "TEXTAREA", "PROGRESS", "METER"]);

  const framed = (element) => {
    try {
      return element.contentDocument?.body ?? null;
    } catch {
      return null;
    }
  };
  const linesOf = (text) => text.split("\\n").map((line) => line.trim()).filter((line) => line !== "").join("\\n");
  // a frame of no origin does not let itself be read, but what it was made of does
  const written = ({ src }) => {
    const [, encoded] = /^data:text\\/html[^,]{0,50};base64,(.*)$/s.exec(src.slice(0, maxFrame)) ?? [];
    if (encoded === undefined) return "";
    try {
      const bytes = Uint8Array.from(atob(encoded), (byte) => byte.charCodeAt(0));
      const { body } = new DOMParser().parseFromString(new TextDecoder().decode(bytes), "text/html");
      for (const element of body.querySelectorAll("script, style, svg")) element.remove();
      return linesOf(body.textContent);
    } catch {
      return "";
    }
  };
  const textOf = (element) => {
    if (element.tagName === "IFRAME") return framed(element)?.innerText ?? written(element);
    if (!element.shadowRoot) return element.innerText ?? "";
    const frames = [...element.shadowRoot.querySelectorAll("iframe")].map(textOf);
    const parts = [...element.shadowRoot.children].filter(({ tagName }) => !silent.has(tagName)).map((part) => part.innerText ?? "");
    return [...parts, ...frames].join("\\n");
  };
  const shown = ({ host, inside }) =>
    [...document.querySelectorAll(host)].flatMap((element) =>
      inside === undefined
        ? [element]
        : [...(element.shadowRoot ?? element).querySelectorAll(inside)].filter((part) => part.checkVisibility()),
    );
  const matches = [...new Set(overlays.flatMap(shown))];
  const found = matches.filter((element) => !matches.some((other) => other !== element && other.contains(element)));
  const overlay = found.map(textOf).join("\\n").trim();
  const ignored = new Set(overlays.flatMap(({ host }) => [...document.querySelectorAll(host)]));

  const visible = (element) => {
    if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) return false;
    const { width, height } = element.getBoundingClientRect();
    return width > 0 && height > 0;
  };
  const showsItself = (element) => {
    const name = element.tagName.toUpperCase();
    if (!painted.has(name) || !visible(element)) return false;
    return name !== "IMG" || element.naturalWidth > 0;
  };
  const showsText = (node) => node.data.trim() !== "" && visible(node.parentElement ?? node.getRootNode().host);
  const showsAnything = () => {
    const open = document.body === null ? [] : [document.body];
    for (let seen = 0; open.length > 0 && seen < maxNodes; seen += 1) {
      const node = open.pop();
      if (node.nodeType === Node.TEXT_NODE && showsText(node)) return true;
      if (node.nodeType !== Node.ELEMENT_NODE && node.nodeType !== Node.DOCUMENT_FRAGMENT_NODE) continue;
      if (ignored.has(node) || silent.has(node.tagName)) continue;
      if (node.nodeType === Node.ELEMENT_NODE && showsItself(node)) return true;
      if (node.shadowRoot) open.push(node.shadowRoot);
      for (let child = node.lastChild; child !== null; child = child.previousSibling) open.push(child);
    }
    return false;
  };
  const title = typeof document.title === "string" ? document.title : "";
  return {
    title: title.slice(0, maxTitle),
    blank: !showsAnything(),
    ...(found.length > 0 && { overlay: overlay.slice(0, maxOverlay) }),
  };
})(${JSON.stringify(overlays)}, ${JSON.stringify({ maxTitle, maxOverlay, maxFrame, maxNodes })})`;
