import { Select, TextInput } from "@mantine/core"
import { useDebouncedValue, useHotkeys } from "@mantine/hooks"
import { IconSearch } from "@tabler/icons-react"
import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query"
import { Link, useNavigate } from "@tanstack/react-router"
import { useCallback, useEffect, useMemo, useRef, useState } from "react"
import { api, data } from "../../api/client"
import { Empty, ErrorNote, Loading } from "../../kit/Notes"
import { useProject } from "../../kit/session"
import { logs as route } from "../../router"
import { Charts } from "./Charts"
import { COLUMNS } from "./columns"
import { Facets } from "./Facets"
import { Pane, restoreWidth } from "./Pane"
import { type LogSearch, wholeQuery } from "./search"
import { Table } from "./Table"

const FACETS = ["status", "error", "model", "provider", "kind", "source", "tag"]
const SPANS = [
  { value: "", label: "All time" },
  { value: "15m", label: "Last 15 minutes" },
  { value: "1h", label: "Last hour" },
  { value: "24h", label: "Last 24 hours" },
  { value: "7d", label: "Last 7 days" },
  { value: "30d", label: "Last 30 days" },
]
const PAGE = 100
const NARROW = COLUMNS.filter((column) => !column.wide)

/** The logs of a project: asked for in words, by clicking values, or by dragging over time; read beside the list. */
export function Logs() {
  const search = route.useSearch()
  const navigate = useNavigate({ from: "/logs" })
  const project = useProject()?.id ?? ""
  const q = wholeQuery(search)
  const sort = search.sort ?? "time"
  const order = search.order ?? "desc"
  const look = useCallback(
    (change: Partial<Record<keyof LogSearch, string | undefined>>) =>
      void navigate({
        search: (before) => ({ ...before, ...change }) as LogSearch,
        replace: "log" in change,
      }),
    [navigate],
  )

  useEffect(restoreWidth, [])

  const asked = { project, q }
  const list = useInfiniteQuery({
    queryKey: ["logs", project, q, sort, order],
    queryFn: ({ pageParam }) =>
      data(
        api.GET("/api/manage/logs", {
          params: {
            query: { ...asked, sort, order, limit: PAGE, ...(pageParam ? { after: pageParam } : {}) },
          },
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (page) => page.next ?? undefined,
    placeholderData: keepPreviousData,
    enabled: project !== "",
    refetchOnMount: "always",
    // Somebody who looks at an empty list waits for the first call.
    refetchInterval: (query) => (query.state.data?.pages[0]?.data.length === 0 ? 2000 : false),
  })
  const beside = { placeholderData: keepPreviousData, enabled: project !== "" && !list.error }
  const stats = useQuery({
    queryKey: ["stats", project, q],
    queryFn: () => data(api.GET("/api/manage/logs/stats", { params: { query: asked } })),
    ...beside,
  })
  const bars = useQuery({
    queryKey: ["bars", project, q],
    queryFn: () => data(api.GET("/api/manage/logs/histogram", { params: { query: asked } })),
    ...beside,
  })
  const facets = useQuery({
    queryKey: ["facets", project, q],
    queryFn: () =>
      data(api.GET("/api/manage/logs/facets", { params: { query: { ...asked, field: FACETS, limit: 8 } } })),
    ...beside,
  })

  const rows = useMemo(() => list.data?.pages.flatMap((page) => page.data) ?? [], [list.data])
  const move = (by: number) => {
    const at = rows.findIndex((row) => row.id === search.log)
    const next = rows[Math.min(Math.max(at + by, 0), rows.length - 1)]
    if (next) look({ log: next.id })
  }
  useHotkeys([
    ["j", () => move(1)],
    ["k", () => move(-1)],
    ["Escape", () => look({ log: undefined })],
    ["/", () => document.getElementById("query")?.focus()],
  ])
  const more = useCallback(() => {
    if (list.hasNextPage && !list.isFetchingNextPage) void list.fetchNextPage()
  }, [list.hasNextPage, list.isFetchingNextPage, list.fetchNextPage])
  const zoom = useCallback(
    (from: number, to: number) => look({ time: `${stamp(from)}..${stamp(to)}` }),
    [look],
  )

  const none = list.isSuccess && rows.length === 0
  return (
    <>
      <div className="bar">
        <QueryBar q={search.q ?? ""} onChange={(text) => look({ q: text || undefined })} />
        <Select
          aria-label="Time"
          w={190}
          size="sm"
          allowDeselect={false}
          data={
            SPANS.some((span) => span.value === (search.time ?? ""))
              ? SPANS
              : [...SPANS, custom(search.time ?? "")]
          }
          value={search.time ?? ""}
          onChange={(value) => look({ time: value || undefined })}
        />
      </div>
      {list.error ? (
        <ErrorNote error={list.error} retry={() => void list.refetch()} />
      ) : list.isPending ? (
        <Loading what="logs" />
      ) : none && q === "" ? (
        <Empty title="No calls yet">
          The first call appears here the moment it has been answered.{" "}
          <Link to="/start">See the lines to send it.</Link>
        </Empty>
      ) : (
        <>
          <Charts
            bars={bars.data?.data ?? []}
            seconds={bars.data?.seconds ?? 60}
            stats={stats.data}
            onZoom={zoom}
          />
          <div className="logs" data-open={search.log ? "" : undefined}>
            <Facets
              facets={facets.data?.data ?? []}
              q={search.q ?? ""}
              onChange={(text) => look({ q: text || undefined })}
            />
            <div
              className="list"
              style={{ display: "flex", flexDirection: "column", minWidth: 0, minHeight: 0 }}
            >
              {none ? (
                <Empty title="Nothing matches">
                  Take a condition out of the query, or look at a longer time.
                </Empty>
              ) : (
                <Table
                  rows={rows}
                  columns={search.log ? NARROW : COLUMNS}
                  chosen={search.log}
                  sort={sort}
                  order={order}
                  onChoose={(id) => look({ log: id })}
                  onSort={(name) =>
                    look({ sort: name, order: name === sort && order === "desc" ? "asc" : undefined })
                  }
                  onEnd={more}
                />
              )}
            </div>
            {search.log && (
              <Pane
                id={search.log}
                project={project}
                tab={search.tab ?? "chat"}
                onTab={(tab) => look({ tab, log: search.log })}
                onClose={() => look({ log: undefined })}
              />
            )}
          </div>
        </>
      )}
    </>
  )
}

function QueryBar({ q, onChange }: { q: string; onChange: (q: string) => void }) {
  const [text, setText] = useState(q)
  const [settled] = useDebouncedValue(text, 250)
  const told = useRef(q)
  // What comes from the address goes into the bar, and what is typed into the address once it rests.
  useEffect(() => {
    if (q !== told.current) {
      told.current = q
      setText(q)
    }
  }, [q])
  useEffect(() => {
    if (settled !== told.current) {
      told.current = settled
      onChange(settled)
    }
  }, [settled, onChange])
  return (
    <TextInput
      id="query"
      aria-label="Query"
      placeholder={'Search: words, "a phrase", model:gpt-4o* status:>=400 tag.env:prod latency:>2s'}
      leftSection={<IconSearch size={15} />}
      flex={1}
      size="sm"
      spellCheck={false}
      value={text}
      onChange={(event) => setText(event.currentTarget.value)}
    />
  )
}

function stamp(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace(/\.\d+/, "")
}

function custom(time: string) {
  const [from = "", to = ""] = time.split("..")
  const shown = (text: string) =>
    text
      .replace("T", " ")
      .replace(/:\d\dZ$/, "")
      .slice(5)
  return { value: time, label: to ? `${shown(from)} – ${shown(to)}` : time }
}
