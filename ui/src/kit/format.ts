/** Numbers, money, durations and moments as people read them; every table and chart uses these. */

const count = new Intl.NumberFormat("en-US")
const short = new Intl.NumberFormat("en-US", { notation: "compact", maximumSignificantDigits: 3 })

export function whole(value: number | null | undefined): string {
  return value == null ? "–" : count.format(value)
}

export function compact(value: number | null | undefined): string {
  return value == null ? "–" : Math.abs(value) < 10_000 ? count.format(value) : short.format(value)
}

/** US dollars: cents where they say something, up to six digits where a call costs less than one. */
export function money(value: number | null | undefined): string {
  if (value == null) return "–"
  if (value === 0) return "$0"
  const size = Math.abs(value)
  if (size >= 100) return `$${count.format(Math.round(value))}`
  if (size >= 0.1) return `$${value.toFixed(2)}`
  if (size < 0.000_001) return "<$0.000001"
  return `$${value.toFixed(size < 0.001 ? 6 : 4)}`
}

/** Seconds: 12 ms, 1.24 s, 2 m 05 s. */
export function duration(seconds: number | null | undefined): string {
  if (seconds == null) return "–"
  if (seconds < 0.001) return `${Math.round(seconds * 1e6)} µs`
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`
  if (seconds < 60) return `${seconds.toFixed(2)} s`
  const minutes = Math.floor(seconds / 60)
  return `${minutes} m ${String(Math.round(seconds - minutes * 60)).padStart(2, "0")} s`
}

export function percent(part: number, all: number): string {
  if (all === 0) return "–"
  const value = (part / all) * 100
  return `${value > 0 && value < 0.1 ? "<0.1" : value.toFixed(value < 10 ? 1 : 0)} %`
}

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit" })
const day = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" })
const year = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", year: "numeric" })

/** A moment in a list: the time today, else the day with it. */
export function moment(iso: string, now = new Date()): string {
  const at = new Date(iso)
  if (at.toDateString() === now.toDateString()) return clock.format(at)
  return `${(at.getFullYear() === now.getFullYear() ? day : year).format(at)}, ${clock.format(at)}`
}

export function exactly(iso: string): string {
  return `${new Date(iso).toISOString().replace("T", " ").replace("Z", "")} UTC`
}

/** Write a value so that the query language reads it as one. */
export function quoted(value: string): string {
  return /^[A-Za-z0-9_./@+-]+$/.test(value) ? value : `"${value.replace(/[\\"*]/g, (sign) => `\\${sign}`)}"`
}
