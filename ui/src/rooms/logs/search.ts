/** What the log room looks at, all of it in the address: a link shows another person the same. */
export interface LogSearch {
  q?: string
  /** A span such as `24h`, or `2026-01-31T08:00Z..2026-01-31T09:00Z`; absent means all time. */
  time?: string
  sort?: "time" | "latency" | "tokens" | "cost"
  order?: "asc" | "desc"
  /** The log that the pane shows. */
  log?: string
  tab?: string
}

const SORTS = ["time", "latency", "tokens", "cost"]

export function readSearch(search: Record<string, unknown>): LogSearch {
  const text = (name: string) =>
    typeof search[name] === "string" && search[name] !== "" ? search[name] : undefined
  const sort = text("sort")
  const order = text("order")
  return {
    ...(text("q") && { q: text("q") as string }),
    ...(text("time") && { time: text("time") as string }),
    ...(sort && SORTS.includes(sort) && { sort: sort as NonNullable<LogSearch["sort"]> }),
    ...(order === "asc" && { order: "asc" as const }),
    ...(text("log") && { log: text("log") as string }),
    ...(text("tab") && { tab: text("tab") as string }),
  }
}

/** The query that the server is asked: the bar's text, and the time beside it. */
export function wholeQuery(search: LogSearch): string {
  const time = search.time ? `time:${search.time}` : ""
  return [search.q ?? "", time].filter(Boolean).join(" ")
}

/** Add a condition to the bar's text, or take it out when it is there. */
export function toggled(q: string, condition: string): string {
  const parts = split(q)
  const rest = parts.filter((part) => part !== condition)
  return (rest.length < parts.length ? rest : [...rest, condition]).join(" ")
}

export function has(q: string, condition: string): boolean {
  return split(q).includes(condition)
}

/** Split at the spaces that stand outside quotes. */
export function split(q: string): string[] {
  return q.match(/(?:"(?:\\.|[^"\\])*"?|\S)+/g) ?? []
}
