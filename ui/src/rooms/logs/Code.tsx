import { Button, CopyButton, Group, SegmentedControl } from "@mantine/core"
import { useState } from "react"
import { base, type Log } from "../../api/client"

const PATHS: Record<string, string> = {
  chat_completion: "/chat/completions",
  text_completion: "/completions",
  embedding: "/embeddings",
  responses: "/responses",
  messages: "/messages",
}

/** The call as a program would make it again. */
export function Code({ log }: { log: Log }) {
  const [language, setLanguage] = useState("curl")
  const text = program(log, language)
  return (
    <>
      <Group justify="space-between" p="12px 16px 0">
        <SegmentedControl
          size="xs"
          value={language}
          onChange={setLanguage}
          data={[
            { value: "curl", label: "curl" },
            { value: "python", label: "Python" },
            { value: "typescript", label: "TypeScript" },
          ]}
        />
        <CopyButton value={text}>
          {({ copied, copy }) => (
            <Button size="compact-xs" variant="default" onClick={copy}>
              {copied ? "Copied" : "Copy"}
            </Button>
          )}
        </CopyButton>
      </Group>
      <pre className="code">{text}</pre>
    </>
  )
}

export function program(log: Pick<Log, "kind" | "request">, language: string): string {
  const path = PATHS[log.kind] ?? "/chat/completions"
  const body = JSON.stringify(log.request, null, 2)
  const messages = log.kind === "messages"
  switch (language) {
    case "python": {
      const module = messages ? "anthropic" : "openai"
      const client = messages ? "Anthropic" : "OpenAI"
      const address = messages ? base : `${base}/v1`
      return [
        "import json",
        `from ${module} import ${client}`,
        "",
        `client = ${client}(base_url="${address}", api_key="YOUR_PROJECT_KEY")`,
        `body = json.loads(r"""${body.replaceAll('"""', '\\"\\"\\"')}""")`,
        `print(client.post("${messages ? "/v1/messages" : path}", body=body, cast_to=object))`,
      ].join("\n")
    }
    case "typescript":
      return [
        `const answer = await fetch("${base}/v1${path}", {`,
        '  method: "POST",',
        '  headers: { authorization: "Bearer YOUR_PROJECT_KEY", "content-type": "application/json" },',
        `  body: JSON.stringify(${body.replaceAll("\n", "\n  ")}),`,
        "})",
        "console.log(await answer.json())",
      ].join("\n")
    default:
      return [
        `curl ${base}/v1${path} \\`,
        "  -H 'Authorization: Bearer YOUR_PROJECT_KEY' -H 'Content-Type: application/json' \\",
        `  -d '${body.replaceAll("'", "'\\''")}'`,
      ].join("\n")
  }
}
