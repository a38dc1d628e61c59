import type { Answer, LimitSetting } from "./answer.ts";

/** Refusals where a limit is reached: each names it, its value, and what frees it. */

/** One request or socket more than a link may have. */
export function fullPreview(most: number): Answer {
  return {
    ...limited("limitPreviewConnections", most),
    retryAfterSeconds: 1,
    title: "Too many connections",
    text: `This preview has ${most} requests and sockets under way, which is the limit. Close a tab, then load the page again.`,
  };
}

/** One connection more than an address may have. */
export function fullAddress(most: number): Answer {
  return {
    ...limited("limitAddressConnections", most),
    retryAfterSeconds: 1,
    title: "Too many connections",
    text: `Your address has ${most} connections to this gateway, which is the limit. Close a tab, then load the page again.`,
  };
}

/** An answer to a wrong link that is one too many comes so late. */
export const guessDelayMs = 1_000;

/**
 * One wrong link more than an address may ask for in a minute. It comes late, so that whoever guesses does so at
 * our pace and not at that of the processor, which others need.
 */
export function tooManyInvalid(most: number): Answer {
  return {
    ...limited("limitInvalidLinks", most),
    retryAfterSeconds: 60,
    delayMs: guessDelayMs,
    title: "Too many wrong links",
    text: `Your address asked for more than ${most} links in a minute that do not exist, which is the limit. Wait a minute.`,
  };
}

export function headTooLarge(most: number): Answer {
  return {
    ...limited("limitHeadBytes", most),
    status: 431,
    closes: true,
    title: "Too large",
    text: `The request's head has more than ${most} bytes, which is the limit. Shorten the address, or clear the cookies of this site.`,
  };
}

export function headTooSlow(most: number): Answer {
  return {
    ...limited("limitHeadSeconds", most),
    status: 408,
    closes: true,
    title: "Too slow",
    text: `The request's head did not arrive within ${most} s, which is the limit. Connect again.`,
  };
}

function limited(setting: LimitSetting, most: number) {
  return { status: 429, previewStatus: "limited", explains: true, limit: { setting, most } } as const;
}
