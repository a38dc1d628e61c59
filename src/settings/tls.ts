import * as z from "zod";
import { flag, settings } from "./setting.ts";

/** TLS on the gateway itself, instead of on an edge in front of it. */
export const tlsSettings = {
  tlsCert: z
    .string()
    .min(1)
    .optional()
    .describe("Certificate of the gateway in PEM, with those that signed it; read again when it changes. Needs tlsKey")
    .register(settings, { env: "DEV_PREVIEW_TLS_CERT" }),
  tlsKey: z
    .string()
    .min(1)
    .optional()
    .describe("File with the certificate's private key in PEM, without a passphrase")
    .register(settings, { env: "DEV_PREVIEW_TLS_KEY" }),
  tlsLocal: flag
    .default(false)
    .describe(
      "The gateway speaks TLS with certificates of an authority of its own, which `dev-preview ca` says how to trust",
    )
    .register(settings, { env: "DEV_PREVIEW_TLS_LOCAL" }),
};
