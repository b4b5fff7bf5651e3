import { expect, test } from "vitest"
import { has, readSearch, split, toggled, wholeQuery } from "./search"

test("an address is read for what it says and nothing else", () => {
  expect(readSearch({ q: "refund", sort: "cost", order: "asc", log: 7, other: "x" })).toEqual({
    q: "refund",
    sort: "cost",
    order: "asc",
  })
  expect(readSearch({ sort: "colour", order: "up" })).toEqual({})
})

test("the time goes beside the words", () => {
  expect(wholeQuery({ q: "model:gpt-4o", time: "24h" })).toBe("model:gpt-4o time:24h")
  expect(wholeQuery({})).toBe("")
})

test("a condition is added, found and taken out, quotes and all", () => {
  const q = toggled('"two words"', 'model:"a b"')
  expect(q).toBe('"two words" model:"a b"')
  expect(has(q, 'model:"a b"')).toBe(true)
  expect(toggled(q, 'model:"a b"')).toBe('"two words"')
  expect(split('a "b c" d:"e \\" f"')).toEqual(["a", '"b c"', 'd:"e \\" f"'])
})
