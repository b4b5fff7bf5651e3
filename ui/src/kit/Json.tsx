import { useMemo } from "react"

const TOKEN = /("(?:\\.|[^"\\])*")(\s*:)?|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)/g
const MOST = 400_000

/** JSON laid out and coloured, as text nodes alone: what a model wrote is never markup. */
export function Json({ value }: { value: unknown }) {
  const { parts, cut } = useMemo(() => {
    const whole = JSON.stringify(value, null, 2) ?? "null"
    const text = whole.slice(0, MOST)
    const found: { text: string; kind: string }[] = []
    let at = 0
    for (const match of text.matchAll(TOKEN)) {
      if (match.index > at) found.push({ text: text.slice(at, match.index), kind: "" })
      found.push({ text: match[0], kind: match[2] ? "k" : match[1] ? "s" : "n" })
      at = match.index + match[0].length
    }
    found.push({ text: text.slice(at), kind: "" })
    return { parts: found, cut: whole.length > MOST }
  }, [value])
  return (
    <pre className="code">
      {parts.map((part, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a text have no other name
        <span key={index} className={part.kind}>
          {part.text}
        </span>
      ))}
      {cut && "\n… the rest is in the export"}
    </pre>
  )
}
