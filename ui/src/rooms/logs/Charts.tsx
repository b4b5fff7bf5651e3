import { useMemo } from "react"
import type { Bar, Stats } from "../../api/client"
import { compact, duration, money, percent } from "../../kit/format"
import { type Line, Plot } from "../../kit/Plot"

interface Props {
  bars: Bar[]
  seconds: number
  stats: Stats | undefined
  onZoom: (from: number, to: number) => void
}

/** Four small charts over the same time: how many, how fast, how dear, how often wrong. */
export function Charts({ bars, seconds, stats, onZoom }: Props) {
  const times = useMemo(() => bars.map((bar) => Date.parse(bar.start) / 1000), [bars])
  const lines = useMemo(() => {
    const volume: Line[] = [
      { label: "calls", values: bars.map((bar) => bar.count), color: "accent", bars: true },
      { label: "failed", values: bars.map((bar) => bar.failed), color: "bad", bars: true },
    ]
    const latency: Line[] = [
      { label: "p95", values: bars.map((bar) => bar.latency_p95), color: "faint" },
      { label: "p50", values: bars.map((bar) => bar.latency_p50), color: "accent" },
    ]
    const cost: Line[] = [{ label: "cost", values: bars.map((bar) => bar.cost), color: "accent", bars: true }]
    const errors: Line[] = [
      {
        label: "errors",
        values: bars.map((bar) => (bar.count ? (bar.failed / bar.count) * 100 : null)),
        color: "bad",
      },
    ]
    return { volume, latency, cost, errors }
  }, [bars])
  const shared = { times, seconds, onZoom }
  return (
    <section className="charts" aria-label="Charts">
      <div className="chart">
        <header>
          Calls <strong className="digits">{compact(stats?.count)}</strong>
        </header>
        <Plot {...shared} lines={lines.volume} format={(value) => compact(value)} label="Calls over time" />
      </div>
      <div className="chart">
        <header>
          Latency, p50 and p95{" "}
          <strong className="digits">
            {duration(stats?.latency_p50)} · {duration(stats?.latency_p95)}
          </strong>
        </header>
        <Plot
          {...shared}
          lines={lines.latency}
          format={(value) => duration(value)}
          label="Latency over time"
        />
      </div>
      <div className="chart">
        <header>
          Cost <strong className="digits">{money(stats?.cost)}</strong>
        </header>
        <Plot {...shared} lines={lines.cost} format={(value) => money(value)} label="Cost over time" />
      </div>
      <div className="chart">
        <header>
          Errors <strong className="digits">{stats ? percent(stats.failed, stats.count) : "–"}</strong>
        </header>
        <Plot
          {...shared}
          lines={lines.errors}
          format={(value) => (value == null ? "–" : `${value.toFixed(1)} %`)}
          label="Share of errors over time"
        />
      </div>
    </section>
  )
}
