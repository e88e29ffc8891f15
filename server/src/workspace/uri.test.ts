import { describe, expect, test } from "vitest";
import { canonicalUri, childUri, fileNameOf, isInside, parentUri, relativePath, resolveUri } from "./uri.ts";

describe("one spelling", () => {
  test.each([
    ["file:///home/a/b.nnasm", "file:///home/a/b.nnasm"],
    ["file:///C:/a%20b/x.nnasm", "file:///c%3A/a%20b/x.nnasm"],
    ["file:///c%3A/a b/x.nnasm", "file:///c%3A/a%20b/x.nnasm"],
    ["FILE:///home/./a/../b.nnasm", "file:///home/b.nnasm"],
    ["file:///home/100%.nnasm", "file:///home/100%25.nnasm"],
    ["file:///home/gr%C3%BC%C3%9Fe.nnasm", "file:///home/gr%C3%BC%C3%9Fe.nnasm"],
    ["file:///home/grüße.nnasm", "file:///home/gr%C3%BC%C3%9Fe.nnasm"],
    ["vscode-vfs://github/me/x.nnasm?ref=1", "vscode-vfs://github/me/x.nnasm"],
    ["untitled:Untitled-1", "untitled:///Untitled-1"],
  ])("%s", (uri, expected) => {
    expect(canonicalUri(uri)).toBe(expected);
    expect(canonicalUri(expected)).toBe(expected);
  });
});

describe("paths", () => {
  test.each([
    ["file:///p/src/main.nnasm", "lib/x.nnasm", "file:///p/src/lib/x.nnasm"],
    ["file:///p/src/main.nnasm", "../w.bin", "file:///p/w.bin"],
    ["file:///p/src/main.nnasm", "/abs/w.bin", "file:///abs/w.bin"],
    ["file:///p/src/main.nnasm", "a b#1.bin", "file:///p/src/a%20b%231.bin"],
    ["file:///p/src/main.nnasm", "half\ud83d.bin", "file:///p/src/half%EF%BF%BD.bin"],
    ["file:///c%3A/p/main.nnasm", "lib\\x.nnasm", "file:///c%3A/p/lib/x.nnasm"],
    ["file:///c%3A/p/main.nnasm", "D:\\x.nnasm", "file:///d%3A/x.nnasm"],
  ])("from %s, %s", (from, written, expected) => expect(resolveUri(from, written)).toBe(expected));

  test("and back", () => {
    expect(relativePath("file:///p/src/main.nnasm", "file:///p/src/lib/a%20b.nnasm")).toBe("lib/a b.nnasm");
    expect(relativePath("file:///p/src/main.nnasm", "file:///p/w.bin")).toBe("../w.bin");
    expect(relativePath("file:///p/main.nnasm", "file:///q/w.bin")).toBe("../q/w.bin");
  });

  test("folders", () => {
    expect(parentUri("file:///p/src/main.nnasm")).toBe("file:///p/src");
    expect(parentUri("file:///p")).toBe("file:///");
    expect(parentUri("file:///")).toBeUndefined();
    expect(childUri("file:///p", "nnp.json")).toBe("file:///p/nnp.json");
    expect(childUri("file:///", "nnp.json")).toBe("file:///nnp.json");
    expect(isInside("file:///p", "file:///p/src")).toBe(true);
    expect(isInside("file:///p", "file:///pq")).toBe(false);
    expect(isInside("file:///", "file:///pq")).toBe(true);
    expect(fileNameOf("file:///p/a%20b.nnasm")).toBe("a b.nnasm");
  });
});
