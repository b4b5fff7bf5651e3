import { Anchor, Text } from "@mantine/core"
import { useState } from "react"

type Part = Record<string, unknown>

export interface Message {
  role: string
  content: unknown
  name?: string
  toolCalls: { name: string; arguments: string }[]
  reasoning?: string
}

/** One message of a conversation: words as words, tool calls beside them, pictures only when asked for. */
export function MessageView({ message }: { message: Message }) {
  const parts = Array.isArray(message.content) ? (message.content as Part[]) : null
  const words = parts ? "" : typeof message.content === "string" ? message.content : ""
  return (
    <article className="message" data-role={message.role}>
      <header>
        <span>{message.name ? `${message.role} · ${message.name}` : message.role}</span>
        {words.length > 0 && (
          <span className="digits">{words.length.toLocaleString("en-US")} characters</span>
        )}
      </header>
      {message.reasoning && (
        <details style={{ padding: "0 12px 8px", color: "var(--faint)" }}>
          <summary>Reasoning</summary>
          <div style={{ whiteSpace: "pre-wrap", paddingTop: 6 }}>{message.reasoning}</div>
        </details>
      )}
      {words && <div className="text">{words}</div>}
      {parts?.map((part, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a message have no other name
        <PartView key={index} part={part} />
      ))}
      {message.toolCalls.map((call, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: two calls may be the same
        <div className="call mono" key={index}>
          <strong>{call.name}</strong>
          <div style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>{pretty(call.arguments)}</div>
        </div>
      ))}
      {!words && !parts?.length && message.toolCalls.length === 0 && (
        <div className="text">
          <Text size="sm" c="dimmed">
            No text
          </Text>
        </div>
      )}
    </article>
  )
}

function PartView({ part }: { part: Part }) {
  const kind = String(part.type ?? "")
  if (typeof part.text === "string") return <div className="text">{part.text}</div>
  const picture = (part.image_url as { url?: string } | undefined)?.url
  if (picture) return <Picture url={picture} />
  return (
    <div className="call mono" style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>
      <strong>{kind || "part"}</strong>
      <div>{pretty(JSON.stringify(part)).slice(0, 4000)}</div>
    </div>
  )
}

function Picture({ url }: { url: string }) {
  const [shown, setShown] = useState(false)
  const inline = /^data:image\/(png|jpeg|gif|webp);base64,/.test(url)
  return (
    <div className="text">
      {shown && inline ? (
        <img src={url} alt="Sent with the message" style={{ maxWidth: "100%", borderRadius: 8 }} />
      ) : inline ? (
        <Anchor component="button" size="sm" onClick={() => setShown(true)}>
          Show the picture ({Math.round((url.length * 3) / 4 / 1024)} KiB)
        </Anchor>
      ) : (
        <span className="mono">{url.slice(0, 300)}</span>
      )}
    </div>
  )
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}
