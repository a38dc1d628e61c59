import { expect, test } from "vitest";
import { markTag, unmarkTags } from "../../../src/gateway/script/entity-tag.ts";
import { socketScriptVersion } from "../../../src/gateway/script/socket-script.ts";

test.each(['"abc"', 'W/"abc"', '""', 'W/"a-b-s"', '"a, b"'])(
  "%s is marked as weak, and comes back as it was",
  (tag) => {
    const marked = markTag(tag);
    expect(marked).toMatch(/^W\/".*"$/);
    expect(marked).toContain(socketScriptVersion);
    expect(unmarkTags(marked)).toBe(tag);
  },
);

test.each(["", "abc", '"abc', 'w/"abc"'])("%j, which is no entity tag, stays", (tag) => {
  expect(markTag(tag)).toBe(tag);
});

test.each(["*", '"abc"', 'W/"abc", "def"', 'W/"abc-s00000000"', `"abc-s${socketScriptVersion}"`, ""])(
  "%j confirms no copy with the present script",
  (value) => {
    expect(unmarkTags(value)).toBeUndefined();
  },
);

test("of several tags those with the present script are asked for", () => {
  expect(unmarkTags(`W/"old-s00000000", ${markTag('"a"')}, "b",${markTag('W/"c"')}`)).toBe('"a", W/"c"');
});
