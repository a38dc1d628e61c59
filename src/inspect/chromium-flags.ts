export interface ChromiumNetwork {
  /** Fingerprint of the one key that is trusted without a certificate authority. */
  readonly trustedKey?: string;
}

/**
 * Flags beside those of playwright. The network ones belong together: everything goes through a
 * proxy, loopback too; no name is resolved in the browser, so that nothing can go around it; and
 * what cannot go through a proxy (UDP of WebRTC, QUIC) does not go at all. Each page has a proxy of
 * its own: this one, where nothing listens, is for what the browser itself would tell its makers.
 */
export function chromiumFlags({ trustedKey }: ChromiumNetwork): string[] {
  return [
    "--proxy-server=socks5://127.0.0.1:1",
    "--proxy-bypass-list=<-loopback>",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
    // the same under its present and its former name
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--disable-quic",
    "--dns-prefetch-disable",
    ...(trustedKey === undefined ? [] : [`--ignore-certificate-errors-spki-list=${trustedKey}`]),
    "--disable-gpu",
    "--mute-audio",
    "--js-flags=--max-old-space-size=1024",
  ];
}

/** Playwright lets every page open windows; here none may. */
export const unwantedDefaults = ["--disable-popup-blocking"] as const;
