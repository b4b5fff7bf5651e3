import { Button, CopyButton, Stack, Text, Title } from "@mantine/core"
import { useQuery } from "@tanstack/react-query"
import { Link } from "@tanstack/react-router"
import { api, base, data } from "../../api/client"
import { useProject } from "../../kit/session"

/** The exact lines that send a first call, and the news when it has come. */
export function Start() {
  const project = useProject()
  const newest = useQuery({
    queryKey: ["newest", project?.id],
    queryFn: () =>
      data(api.GET("/api/manage/logs", { params: { query: { project: project?.id ?? "", limit: 1 } } })),
    refetchInterval: 2000,
    enabled: project !== undefined,
  })
  const log = newest.data?.data[0]
  return (
    <div style={{ overflow: "auto", padding: "32px 40px" }}>
      <Stack gap="lg" maw={760}>
        <div>
          <Title order={1} size="h2">
            Send a call
          </Title>
          <Text c="dimmed" mt={4}>
            Any OpenAI or Anthropic client works: give it this address and a key of the project{" "}
            {project?.name}.
          </Text>
        </div>
        <Lines
          title="With curl"
          text={[
            `curl ${base}/v1/chat/completions \\`,
            "  -H 'Authorization: Bearer YOUR_PROJECT_KEY' -H 'Content-Type: application/json' \\",
            `  -d '{"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "Say hello"}]}'`,
          ].join("\n")}
        />
        <Lines
          title="From Python"
          text={[
            "from openai import OpenAI",
            `client = OpenAI(base_url="${base}/v1", api_key="YOUR_PROJECT_KEY")`,
            'client.chat.completions.create(model="gpt-4o-mini", messages=[{"role": "user", "content": "Say hello"}])',
          ].join("\n")}
        />
        <Text role="status" aria-live="polite">
          {log ? (
            <>
              <span className="dot" /> A call to {log.model} has come.{" "}
              <Link to="/logs" search={{ log: log.id }}>
                Look at it
              </Link>
            </>
          ) : (
            <Text span c="dimmed">
              Waiting for the first call…
            </Text>
          )}
        </Text>
      </Stack>
    </div>
  )
}

function Lines({ title, text }: { title: string; text: string }) {
  return (
    <section className="message">
      <header>
        {title}
        <CopyButton value={text}>
          {({ copied, copy }) => (
            <Button size="compact-xs" variant="subtle" onClick={copy}>
              {copied ? "Copied" : "Copy"}
            </Button>
          )}
        </CopyButton>
      </header>
      <pre className="code" style={{ paddingTop: 0 }}>
        {text}
      </pre>
    </section>
  )
}
