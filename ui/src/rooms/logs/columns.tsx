import type { ReactNode } from "react"
import type { LogSummary } from "../../api/client"
import { compact, duration, exactly, moment, money } from "../../kit/format"
import type { LogSearch } from "./search"

export interface Column {
  name: string
  title: string
  width: string
  right?: boolean
  /** Left out while a log is open beside the list. */
  wide?: boolean
  sort?: NonNullable<LogSearch["sort"]>
  cell: (log: LogSummary) => ReactNode
}

export const COLUMNS: Column[] = [
  {
    name: "time",
    title: "Time",
    width: "164px",
    sort: "time",
    cell: (log) => (
      <span className="digits" title={exactly(log.requested_at)}>
        <span className="dot" data-bad={log.error_kind ? "" : undefined} />
        {moment(log.requested_at)}
      </span>
    ),
  },
  {
    name: "request",
    title: "Request",
    width: "minmax(180px, 2.2fr)",
    cell: (log) => log.request_preview || <span className="faint">{log.kind.replaceAll("_", " ")}</span>,
  },
  {
    name: "response",
    wide: true,
    title: "Answer",
    width: "minmax(160px, 2fr)",
    cell: (log) =>
      log.error_kind ? (
        <span style={{ color: "var(--bad)" }}>
          {log.error_message || log.error_kind.replaceAll("_", " ")}
        </span>
      ) : (
        <span className="faint">{log.response_preview}</span>
      ),
  },
  { name: "model", title: "Model", width: "minmax(110px, 170px)", cell: (log) => log.model || "–" },
  {
    name: "tokens",
    wide: true,
    title: "Tokens",
    width: "84px",
    right: true,
    sort: "tokens",
    cell: (log) => compact(log.total_tokens),
  },
  {
    name: "cost",
    wide: true,
    title: "Cost",
    width: "92px",
    right: true,
    sort: "cost",
    cell: (log) => money(log.cost),
  },
  {
    name: "latency",
    title: "Latency",
    width: "86px",
    right: true,
    sort: "latency",
    cell: (log) => duration(log.latency),
  },
  {
    name: "tags",
    wide: true,
    title: "Tags",
    width: "minmax(120px, 1.2fr)",
    cell: (log) =>
      Object.entries(log.tags).map(([name, value]) => (
        <span className="tag" key={name} title={`${name}: ${value}`}>
          {name}: {value}
        </span>
      )),
  },
]
