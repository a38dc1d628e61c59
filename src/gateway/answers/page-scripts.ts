import { createHash } from "node:crypto";
import { enterPath } from "../../login/door-urls.ts";

/**
 * The scripts of our own pages, which work together: `frame-login` stands in a frame, opens the login in a window
 * and takes the ticket that it gets from there into the frame, whose own cookies redeem it. `hand-over` stands in
 * that window, at the same origin: the ticket goes to that origin alone, and leaves the address.
 */
const texts = {
  "frame-login":
    'let w;document.querySelector("button").onclick=e=>{w=open(e.target.value,"","popup,width=520,height=680")};' +
    'addEventListener("message",e=>{if(e.origin===location.origin&&e.source===w&&typeof e.data==="string")' +
    `location.replace("${enterPath}?ticket="+encodeURIComponent(e.data))})`,
  "hand-over":
    'const t=location.hash.slice(1);history.replaceState(null,"",location.pathname);' +
    "if(t&&opener){opener.postMessage(t,location.origin);close()}",
} as const;

export type PageScript = keyof typeof texts;

export function scriptText(name: PageScript): string {
  return texts[name];
}

/** As a source of a content policy. */
export function scriptSource(name: PageScript): string {
  return `'sha256-${createHash("sha256").update(texts[name]).digest("base64")}'`;
}
