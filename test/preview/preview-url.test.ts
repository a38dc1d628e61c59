import { expect, it } from "vitest";
import { tokenInQuery } from "../../src/login/machine-token.ts";
import { admittedUrl } from "../../src/preview/links/preview-url.ts";

it.each([
  ["http://a.test/", "http://a.test/?preview_token=t"],
  ["http://a.test/b?c=%20&d", "http://a.test/b?c=%20&d&preview_token=t"],
  ["http://a.test/b?c#d#e", "http://a.test/b?c&preview_token=t#d#e"],
])("a program passes the login of %s by a parameter, which leaves the rest as it was", (url, admitted) => {
  expect(admittedUrl(url, "t")).toBe(admitted);
  const [sent = ""] = admitted.replace("http://a.test", "").split("#");
  const [wanted] = url.replace("http://a.test", "").split("#");
  expect(tokenInQuery(sent)).toEqual({ token: "t", rest: wanted });
});
