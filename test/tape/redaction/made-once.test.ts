import assert from "node:assert/strict";
import { test } from "node:test";
import { redactionKey } from "../../../tape/index.js";
import { madeOnce, makingOnce } from "../../../tape/redaction/made-once.js";
import { testKey } from "../../support/redaction.js";

const otherKey = redactionKey(new Uint8Array(32).fill(9));

/** Says which key made it and how many were made before. */
function counted() {
  let made = 0;
  return madeOnce((text, key) => `${text} ${key.id} ${made++}`);
}

test("within the work, the same text of the same key is made once", () => {
  const make = counted();
  makingOnce(testKey, () => {
    assert.equal(make("a", testKey), `a ${testKey.id} 0`);
    assert.equal(make("b", testKey), `b ${testKey.id} 1`);
    assert.equal(make("a", testKey), `a ${testKey.id} 0`);
  });
});

test("another key never gets what was made with this one", () => {
  const make = counted();
  makingOnce(testKey, () => {
    make("a", testKey);
    assert.equal(make("a", otherKey), `a ${otherKey.id} 1`);
    assert.equal(make("a", testKey), `a ${testKey.id} 0`);
  });
});

test("nothing is held after the work, even when it throws, nor outside of it", () => {
  const make = counted();
  const work = () => {
    make("a", testKey);
    throw new Error("no room");
  };
  assert.throws(() => makingOnce(testKey, work), /no room/);
  makingOnce(testKey, () => assert.equal(make("a", testKey), `a ${testKey.id} 1`));
  assert.equal(make("a", testKey), `a ${testKey.id} 2`);
  assert.equal(make("a", testKey), `a ${testKey.id} 3`);
});

test("long texts and more than a thousand of them are made anew each time", () => {
  const make = counted();
  const long = "x".repeat(513);
  makingOnce(testKey, () => {
    assert.notEqual(make(long, testKey), make(long, testKey));
    for (let text = 0; text < 1024; text++) make(String(text), testKey);
    assert.equal(make("0", testKey), make("0", testKey));
    assert.notEqual(make("one more", testKey), make("one more", testKey));
  });
});
