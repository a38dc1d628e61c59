/** Is given the characters behind the opening of a piece of markup, one by one; true for the one that ends it. */
export type MarkupEnd = (character: string) => boolean;

/** Behind `<!` or `<?`: a doctype and what browsers take for a comment. */
export function endOfDeclaration(): MarkupEnd {
  return (character) => character === ">";
}

/** Behind `<!--`: at `-->` and `--!>`, and right behind the opening at `>` and `->` as well. */
export function endOfComment(): MarkupEnd {
  let onlyDashes = true;
  let dashes = 0;
  let bang = false;
  return (character) => {
    if (character === ">" && (onlyDashes || dashes >= 2 || bang)) return true;
    bang = character === "!" && dashes >= 2;
    dashes = character === "-" ? dashes + 1 : 0;
    onlyDashes &&= character === "-";
    return false;
  };
}

type InTag = "between" | "name" | "beforeValue" | "value";

/** Behind a tag's name: at the first `>` that is not quoted. Quotes count where a value begins, and nowhere else. */
export function endOfTag(): MarkupEnd {
  let place: InTag = "between";
  let quote = "";
  return (character) => {
    if (quote !== "") {
      if (character === quote) quote = "";
      return false;
    }
    if (character === ">") return true;
    if (place === "beforeValue" && (character === '"' || character === "'")) {
      quote = character;
      place = "between";
    } else place = nextPlace[place](character);
    return false;
  };
}

const nextPlace: Readonly<Record<InTag, (character: string) => InTag>> = {
  between: (character) => (isBlank(character) || character === "/" ? "between" : "name"),
  // a blank behind a name may still be followed by its `=`
  name: (character) => (character === "=" ? "beforeValue" : character === "/" ? "between" : "name"),
  beforeValue: (character) => (isBlank(character) ? "beforeValue" : "value"),
  value: (character) => (isBlank(character) ? "between" : "value"),
};

/** White space of HTML. */
export function isBlank(character: string | undefined): boolean {
  return character === " " || character === "\n" || character === "\t" || character === "\r" || character === "\f";
}
