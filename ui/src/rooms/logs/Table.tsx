import { IconArrowDown, IconArrowUp } from "@tabler/icons-react"
import { useVirtualizer } from "@tanstack/react-virtual"
import { type CSSProperties, useEffect, useRef } from "react"
import type { LogSummary } from "../../api/client"
import type { Column } from "./columns"
import type { LogSearch } from "./search"

interface Props {
  rows: LogSummary[]
  columns: Column[]
  chosen: string | undefined
  sort: NonNullable<LogSearch["sort"]>
  order: "asc" | "desc"
  onChoose: (id: string) => void
  onSort: (sort: NonNullable<LogSearch["sort"]>) => void
  /** Called when the last rows come into view. */
  onEnd: () => void
}

const ROW = 34

export function Table({ rows, columns, chosen, sort, order, onChoose, onSort, onEnd }: Props) {
  const scroller = useRef<HTMLDivElement>(null)
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 12,
  })
  const items = virtual.getVirtualItems()
  const last = items.at(-1)?.index ?? 0
  const index = rows.findIndex((row) => row.id === chosen)

  useEffect(() => {
    if (rows.length > 0 && last >= rows.length - 20) onEnd()
  }, [last, rows.length, onEnd])

  useEffect(() => {
    if (index >= 0) virtual.scrollToIndex(index, { align: "auto" })
  }, [index, virtual])

  const style = {
    "--columns": columns.map((column) => column.width).join(" "),
    "--row": `${ROW}px`,
    "--least": `${columns.length * 112}px`,
  } as CSSProperties
  return (
    <div
      className="table"
      ref={scroller}
      style={style}
      role="grid"
      aria-rowcount={rows.length}
      aria-label="Logs"
    >
      <div className="head" role="row">
        {columns.map((column) => (
          <div
            className="cell"
            role="columnheader"
            key={column.name}
            data-right={column.right ? "" : undefined}
            aria-sort={column.sort === sort ? (order === "asc" ? "ascending" : "descending") : "none"}
          >
            {column.sort ? (
              <button type="button" onClick={() => column.sort && onSort(column.sort)}>
                {column.title}{" "}
                {column.sort === sort &&
                  (order === "asc" ? (
                    <IconArrowUp size={12} aria-hidden />
                  ) : (
                    <IconArrowDown size={12} aria-hidden />
                  ))}
              </button>
            ) : (
              column.title
            )}
          </div>
        ))}
      </div>
      <div role="rowgroup" style={{ height: virtual.getTotalSize(), position: "relative" }}>
        {items.map((item) => {
          const row = rows[item.index]
          if (!row) return null
          return (
            // biome-ignore lint/a11y/useKeyWithClickEvents: j and k move between rows, Enter is the page's
            <div
              className="row"
              role="row"
              key={row.id}
              aria-rowindex={item.index + 1}
              aria-selected={row.id === chosen}
              tabIndex={-1}
              style={{ transform: `translateY(${item.start}px)` }}
              onClick={() => onChoose(row.id)}
            >
              {columns.map((column) => (
                <div
                  className="cell"
                  role="gridcell"
                  key={column.name}
                  data-right={column.right ? "" : undefined}
                >
                  {column.cell(row)}
                </div>
              ))}
            </div>
          )
        })}
      </div>
    </div>
  )
}
