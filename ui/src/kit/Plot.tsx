import "uplot/dist/uPlot.min.css"
import { useComputedColorScheme } from "@mantine/core"
import { useEffect, useRef } from "react"
import uPlot from "uplot"

export interface Line {
  label: string
  values: (number | null)[]
  color: "accent" | "bad" | "faint"
  /** Bars stand on the ground; lines do not. */
  bars?: boolean
}

interface Props {
  times: number[]
  lines: Line[]
  seconds: number
  format: (value: number | null) => string
  /** Called with the stretch that was dragged over, in seconds since 1970. */
  onZoom?: (from: number, to: number) => void
  label: string
}

/** A small chart without axes: its shape over time, a reading under the pointer, and a drag to zoom in. */
export function Plot({ times, lines, seconds, format, onZoom, label }: Props) {
  const place = useRef<HTMLDivElement>(null)
  const reading = useRef<HTMLDivElement>(null)
  const scheme = useComputedColorScheme("light")
  const zoom = useRef(onZoom)
  zoom.current = onZoom

  // biome-ignore lint/correctness/useExhaustiveDependencies: the chart is made anew when what it shows changes
  useEffect(() => {
    const node = place.current
    if (!node || times.length === 0) return
    const style = getComputedStyle(node)
    const ink = (name: string) => resolve(node, style.getPropertyValue(name))
    const colors = { accent: ink("--accent"), bad: ink("--bad"), faint: ink("--faint") }
    const chart = new uPlot(
      {
        width: node.clientWidth,
        height: 56,
        padding: [4, 0, 0, 0],
        legend: { show: false },
        cursor: { y: false, drag: { x: true, y: false, setScale: false }, points: { size: 5 } },
        select: { show: true, left: 0, top: 0, width: 0, height: 0 },
        axes: [{ show: false }, { show: false }],
        scales: {
          x: { time: true, range: (_, low, high) => [low, (high ?? low) + seconds] },
          y: { range: (_, __, high) => [0, (high ?? 0) > 0 ? high * 1.08 : 1] },
        },
        series: [
          {},
          ...lines.map((line) => ({
            label: line.label,
            stroke: colors[line.color],
            width: line.bars ? 0 : 1.6,
            points: { show: false },
            ...(line.bars
              ? {
                  fill: colors[line.color],
                  ...(uPlot.paths.bars && { paths: uPlot.paths.bars({ size: [0.82, 40], align: 1 }) }),
                }
              : {}),
          })),
        ],
        hooks: {
          setSelect: [
            (self) => {
              if (self.select.width > 4) {
                const from = self.posToVal(self.select.left, "x")
                const to = self.posToVal(self.select.left + self.select.width, "x")
                zoom.current?.(from, to)
              }
              self.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
            },
          ],
          setCursor: [
            (self) => {
              const at = self.cursor.idx
              if (!reading.current) return
              reading.current.textContent =
                at == null
                  ? ""
                  : `${new Date((times[at] ?? 0) * 1000).toLocaleString()}: ${lines
                      .map((line) => `${line.label} ${format(line.values[at] ?? null)}`)
                      .join(", ")}`
            },
          ],
        },
      },
      [times, ...lines.map((line) => line.values)] as uPlot.AlignedData,
      node,
    )
    const watching = new ResizeObserver(() => chart.setSize({ width: node.clientWidth, height: 56 }))
    watching.observe(node)
    return () => {
      watching.disconnect()
      chart.destroy()
    }
  }, [times, lines, seconds, scheme])

  return (
    <>
      <div className="plot" ref={place} role="img" aria-label={label} />
      <div
        ref={reading}
        className="digits"
        style={{ fontSize: "0.6875rem", color: "var(--faint)", height: 16, overflow: "hidden" }}
      />
    </>
  )
}

/** A canvas knows no light-dark(): let the browser say what a colour comes to. */
function resolve(node: HTMLElement, color: string): string {
  const probe = document.createElement("span")
  probe.style.color = color
  node.append(probe)
  const found = getComputedStyle(probe).color
  probe.remove()
  return found
}
