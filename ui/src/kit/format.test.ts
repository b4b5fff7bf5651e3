import { describe, expect, test } from "vitest"
import { compact, duration, money, percent, quoted } from "./format"

describe("numbers as people read them", () => {
  test.each([
    [null, "–"],
    [0, "$0"],
    [0.000_000_1, "<$0.000001"],
    [0.000_009, "$0.000009"],
    [0.0123, "$0.0123"],
    [1.5, "$1.50"],
    [12_345.6, "$12,346"],
  ])("%s dollars are %s", (value, shown) => expect(money(value)).toBe(shown))

  test.each([
    [null, "–"],
    [0.0004, "400 µs"],
    [0.374, "374 ms"],
    [1.244, "1.24 s"],
    [125, "2 m 05 s"],
  ])("%s seconds are %s", (value, shown) => expect(duration(value)).toBe(shown))

  test.each([
    [9999, "9,999"],
    [12_345, "12.3K"],
    [3_400_000, "3.4M"],
  ])("%s is %s", (value, shown) => expect(compact(value)).toBe(shown))

  test("a share is in percent, and of nothing it is none", () => {
    expect(percent(1, 16)).toBe("6.3 %")
    expect(percent(1, 10_000)).toBe("<0.1 %")
    expect(percent(0, 0)).toBe("–")
  })
})

describe("values in the query language", () => {
  test.each([
    ["gpt-4o", "gpt-4o"],
    ["two words", '"two words"'],
    ['say "hi"', '"say \\"hi\\""'],
    ["a*b", '"a\\*b"'],
  ])("%s is written %s", (value, shown) => expect(quoted(value)).toBe(shown))
})
