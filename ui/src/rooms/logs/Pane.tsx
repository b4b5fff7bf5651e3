import { ActionIcon, Badge, CopyButton, Group, Tabs, Text, Tooltip } from "@mantine/core"
import { IconCheck, IconLink, IconX } from "@tabler/icons-react"
import { useQuery } from "@tanstack/react-query"
import { type PointerEvent, useRef } from "react"
import { api, data, type Log } from "../../api/client"
import { compact, duration, exactly, moment, money } from "../../kit/format"
import { Json } from "../../kit/Json"
import { MessageView } from "../../kit/MessageView"
import { ErrorNote, Loading } from "../../kit/Notes"
import { Code } from "./Code"
import { conversation } from "./conversation"

interface Props {
  id: string
  project: string
  tab: string
  onTab: (tab: string) => void
  onClose: () => void
}

const WIDTH = "logwright.pane"

/** One log beside the list: the conversation first, then everything else that is known of it. */
export function Pane({ id, project, tab, onTab, onClose }: Props) {
  const found = useQuery({
    queryKey: ["log", project, id],
    queryFn: () =>
      data(api.GET("/api/manage/logs/{log_id}", { params: { path: { log_id: id }, query: { project } } })),
  })
  return (
    <section className="pane" aria-label="Log">
      <Grip />
      {found.isPending && <Loading what="the log" />}
      {found.error && <ErrorNote error={found.error} retry={() => void found.refetch()} />}
      {found.data && <Whole log={found.data} tab={tab} onTab={onTab} onClose={onClose} />}
    </section>
  )
}

function Whole({
  log,
  tab,
  onTab,
  onClose,
}: {
  log: Log
  tab: string
  onTab: (tab: string) => void
  onClose: () => void
}) {
  const { sent, received } = conversation(log)
  return (
    <>
      <Group justify="space-between" wrap="nowrap" px={18} pt={12} pb={4}>
        <Group gap={8} wrap="nowrap" miw={0}>
          <Text fw={600} truncate>
            {log.model || log.kind}
          </Text>
          <Badge variant="light" color={log.error_kind ? "red" : "sea"} radius="sm">
            {log.error_kind ? log.error_kind.replaceAll("_", " ") : (log.status ?? "recorded")}
          </Badge>
        </Group>
        <Group gap={2} wrap="nowrap">
          <CopyButton value={location.href}>
            {({ copied, copy }) => (
              <Tooltip label={copied ? "Copied" : "Copy a link to this log"}>
                <ActionIcon variant="subtle" color="gray" onClick={copy} aria-label="Copy a link to this log">
                  {copied ? <IconCheck size={16} /> : <IconLink size={16} />}
                </ActionIcon>
              </Tooltip>
            )}
          </CopyButton>
          <ActionIcon variant="subtle" color="gray" onClick={onClose} aria-label="Close the log">
            <IconX size={16} />
          </ActionIcon>
        </Group>
      </Group>
      <dl className="facts digits" style={{ margin: 0 }}>
        <Fact name="When" value={moment(log.requested_at)} title={exactly(log.requested_at)} />
        <Fact name="Latency" value={duration(log.latency)} />
        <Fact name="First token" value={duration(log.ttft)} />
        <Fact name="Tokens in, out" value={`${compact(log.input_tokens)} · ${compact(log.output_tokens)}`} />
        <Fact name="Cost" value={money(log.cost)} title={log.price_version} />
        <Fact name="Provider" value={log.provider || log.source} />
      </dl>
      <Tabs
        value={tab}
        onChange={(value) => onTab(value ?? "chat")}
        style={{ display: "flex", flexDirection: "column", minHeight: 0, flex: 1 }}
        keepMounted={false}
      >
        <Tabs.List px={10}>
          <Tabs.Tab value="chat">Chat</Tabs.Tab>
          <Tabs.Tab value="request">Request</Tabs.Tab>
          <Tabs.Tab value="response">Response</Tabs.Tab>
          <Tabs.Tab value="about">About</Tabs.Tab>
          <Tabs.Tab value="code">Code</Tabs.Tab>
        </Tabs.List>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by key */}
        <div style={{ overflow: "auto", flex: 1, minHeight: 0 }} tabIndex={0} role="group" aria-label={tab}>
          <Tabs.Panel value="chat" p={16}>
            {log.error_kind && (
              <article
                className="message"
                style={{ borderColor: "var(--bad)", background: "var(--bad-soft)" }}
              >
                <header style={{ color: "var(--bad)" }}>{log.error_kind.replaceAll("_", " ")}</header>
                <div className="text">{log.error_message}</div>
              </article>
            )}
            {[...sent, ...received].map((message, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: messages have no other name
              <MessageView key={index} message={message} />
            ))}
            {sent.length + received.length === 0 && (
              <Text c="dimmed">Nothing that reads as a conversation.</Text>
            )}
          </Tabs.Panel>
          <Tabs.Panel value="request">
            <Json value={log.request} />
          </Tabs.Panel>
          <Tabs.Panel value="response">
            <Json value={log.response} />
          </Tabs.Panel>
          <Tabs.Panel value="about">
            <Json value={{ ...log, request: undefined, response: undefined }} />
          </Tabs.Panel>
          <Tabs.Panel value="code">
            <Code log={log} />
          </Tabs.Panel>
        </div>
      </Tabs>
    </>
  )
}

function Fact({ name, value, title }: { name: string; value: string; title?: string }) {
  return (
    <div title={title}>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  )
}

function Grip() {
  const held = useRef(false)
  function drag(event: PointerEvent<HTMLDivElement>) {
    if (!held.current) return
    const width = Math.min(Math.max(window.innerWidth - event.clientX, 360), window.innerWidth - 600)
    document.documentElement.style.setProperty("--pane", `${width}px`)
    localStorage.setItem(WIDTH, `${width}px`)
  }
  return (
    <div
      className="grip"
      onPointerDown={(event) => {
        held.current = true
        event.currentTarget.setPointerCapture(event.pointerId)
      }}
      onPointerMove={drag}
      onPointerUp={() => {
        held.current = false
      }}
    />
  )
}

export function restoreWidth(): void {
  const width = localStorage.getItem(WIDTH)
  if (width) document.documentElement.style.setProperty("--pane", width)
}
