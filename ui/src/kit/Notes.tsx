import { Alert, Button, Center, Loader, Stack, Text, Title } from "@mantine/core"
import type { ReactNode } from "react"
import { Refused } from "../api/client"

/** What a list shows when it has nothing, with what to do next. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <Center h="100%" p="xl">
      <Stack align="center" gap="xs" maw={460}>
        <Title order={3} size="h5">
          {title}
        </Title>
        <Text c="dimmed" ta="center" size="sm" component="div">
          {children}
        </Text>
      </Stack>
    </Center>
  )
}

/** What the server said of a failure, and the id under which its own log has it. */
export function ErrorNote({ error, retry }: { error: unknown; retry?: () => void }) {
  const refused = error instanceof Refused ? error : null
  return (
    <Alert color="red" variant="light" role="alert" m="md">
      <Text size="sm">{refused?.message ?? "Something went wrong in this page"}</Text>
      {refused?.requestId && (
        <Text size="xs" c="dimmed" className="mono" mt={4}>
          request {refused.requestId}
        </Text>
      )}
      {retry && (
        <Button size="xs" variant="default" mt="sm" onClick={retry}>
          Try again
        </Button>
      )}
    </Alert>
  )
}

export function Loading({ what }: { what: string }) {
  return (
    <Center h="100%" p="xl">
      <Loader size="sm" aria-label={`Loading ${what}`} />
    </Center>
  )
}

export function NotFound() {
  return <Empty title="There is no such page">The address may be mistyped.</Empty>
}
