import type { Log } from "../../api/client"
import type { Message } from "../../kit/MessageView"

type Bag = Record<string, unknown>

const bag = (value: unknown): Bag =>
  value && typeof value === "object" && !Array.isArray(value) ? (value as Bag) : {}
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])
const text = (value: unknown): string =>
  typeof value === "string" ? value : value == null ? "" : JSON.stringify(value)

/** The messages of a log, whatever API it spoke: what was sent, then what came back. */
export function conversation(log: Log): { sent: Message[]; received: Message[] } {
  const request = bag(log.request)
  const response = bag(log.response)
  return { sent: sent(request), received: received(response, log) }
}

function sent(request: Bag): Message[] {
  const first: Message[] = []
  for (const words of [request.system, request.instructions]) {
    if (words) first.push({ role: "system", content: words, toolCalls: [] })
  }
  if (Array.isArray(request.messages))
    return [...first, ...request.messages.map((each) => message(bag(each)))]
  const input = request.input ?? request.prompt
  if (Array.isArray(input) && input.some((each) => bag(each).role || bag(each).type))
    return [...first, ...input.map((each) => item(bag(each)))]
  if (input !== undefined) return [...first, { role: "user", content: text(input), toolCalls: [] }]
  return first
}

function received(response: Bag, log: Log): Message[] {
  if (Array.isArray(response.choices)) {
    return response.choices.map((each) => {
      const choice = bag(each)
      return choice.message
        ? message(bag(choice.message))
        : { role: "assistant", content: text(choice.text), toolCalls: [] }
    })
  }
  if (Array.isArray(response.output)) return response.output.map((each) => item(bag(each)))
  if (response.role || Array.isArray(response.content)) return [message({ role: "assistant", ...response })]
  if (typeof log.response === "string") return [{ role: "assistant", content: log.response, toolCalls: [] }]
  return []
}

function message(raw: Bag): Message {
  const calls = list(raw.tool_calls).map((each) => {
    const call = bag(bag(each).function)
    return { name: text(call.name), arguments: text(call.arguments) }
  })
  const parts = list(raw.content).map(bag)
  for (const part of parts) {
    if (part.type === "tool_use") calls.push({ name: text(part.name), arguments: text(part.input) })
  }
  const rest = parts.filter((part) => part.type !== "tool_use" && part.type !== "thinking")
  const thought = parts.filter((part) => part.type === "thinking").map((part) => text(part.thinking))
  const reasoning = text(raw.reasoning_content) || thought.join("\n")
  return {
    role: text(raw.role) || "message",
    content: Array.isArray(raw.content) ? rest : (raw.content ?? raw.refusal ?? ""),
    ...(raw.name ? { name: text(raw.name) } : {}),
    ...(reasoning ? { reasoning } : {}),
    toolCalls: calls,
  }
}

function item(raw: Bag): Message {
  switch (raw.type) {
    case "function_call":
      return {
        role: "assistant",
        content: "",
        toolCalls: [{ name: text(raw.name), arguments: text(raw.arguments) }],
      }
    case "function_call_output":
      return { role: "tool", content: text(raw.output), toolCalls: [] }
    case "reasoning":
      return {
        role: "assistant",
        content: "",
        reasoning: list(raw.summary)
          .map((each) => text(bag(each).text))
          .join("\n"),
        toolCalls: [],
      }
    default:
      return message(raw)
  }
}
