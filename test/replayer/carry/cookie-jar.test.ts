import assert from "node:assert/strict";
import { test } from "node:test";
import { carryCookies } from "../../../replayer/carry/carry-cookies.js";
import { CookieJar } from "../../../replayer/carry/cookie-jar.js";

const nowMs = 1_700_000_000_000;
const at = (path: string, authority = "shop.example:8080") => ({ path, authority });

function jarWith(...fields: string[]): CookieJar {
  const jar = new CookieJar();
  jar.take(fields, at("/login/form"), nowMs);
  return jar;
}

const sent = (jar: CookieJar, path: string, authority?: string, laterMs = 0) =>
  jar.for(at(path, authority), nowMs + laterMs).map(({ name, value }) => `${name}=${value}`);

test("a cookie goes where its path and domain say, and no longer than it lasts", () => {
  const jar = jarWith(
    "all=1; Path=/",
    "own=2",
    "admin=3; Path=/admin",
    "short=4; Path=/; Max-Age=60",
    "wide=5; Path=/; Domain=.example",
    "foreign=6; Path=/; Domain=elsewhere.test",
  );
  assert.deepEqual(sent(jar, "/"), ["all=1", "short=4", "wide=5", "foreign=6"]);
  assert.deepEqual(sent(jar, "/login?x=1"), ["own=2", "all=1", "short=4", "wide=5", "foreign=6"]);
  assert.deepEqual(sent(jar, "/adminx"), ["all=1", "short=4", "wide=5", "foreign=6"]);
  assert.deepEqual(sent(jar, "/admin/x"), ["admin=3", "all=1", "short=4", "wide=5", "foreign=6"]);
  assert.deepEqual(sent(jar, "/", "other.example"), ["wide=5"]);
  assert.deepEqual(sent(jar, "/", undefined, 60_001), ["all=1", "wide=5", "foreign=6"]);
});

test("a cookie is replaced by the same of its name, path and host, and deleted by one that has expired", () => {
  const jar = jarWith("sid=1; Path=/", "sid=2; Path=/");
  assert.deepEqual(sent(jar, "/"), ["sid=2"]);
  jar.take(["sid=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT"], at("/logout"), nowMs);
  assert.deepEqual(sent(jar, "/"), []);
  assert.equal(jar.knows("sid"), true);
});

test("recorded cookies follow the jar: replaced, dropped, kept, added, or missed", () => {
  const jar = jarWith("sid=live; Path=/", "gone=x; Path=/; Max-Age=0", "fresh=new; Path=/", "known=n; Path=/");
  const carrying = {
    ...{ jar, request: at("/cart"), nowMs, recordedNames: new Set(["sid", "gone", "known", "unset"]) },
    setBy: new Map([["sid", 1]]),
  };
  const headers = [
    ["host", "shop"],
    ["Cookie", "own=mine; sid=recorded; gone=recorded"],
  ] as const;
  assert.deepEqual(carryCookies(headers, carrying), {
    headers: [
      ["host", "shop"],
      ["Cookie", "own=mine; sid=live; fresh=new"],
    ],
  });
  const wanting = carryCookies([["cookie", "unset=1"]], { ...carrying, setBy: new Map([["unset", 7]]) });
  assert.deepEqual(wanting, { unset: 7 });
  const untouched = [["cookie", "sid=live; fresh=new"]] as const;
  assert.deepEqual(carryCookies(untouched, carrying), { headers: untouched });
});
