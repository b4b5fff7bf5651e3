import { Center, Paper, Stack, Text, Title } from "@mantine/core"
import type { ReactNode } from "react"
import { base } from "../../api/client"

/** A small page in the middle of the screen, for those who are not in yet. */
export function Card({ title, note, children }: { title: string; note?: ReactNode; children: ReactNode }) {
  return (
    <Center mih="100%" p="md" style={{ background: "var(--aside)" }}>
      <Paper withBorder radius="lg" p={28} w={380} component="main">
        <Stack gap="md">
          <img src={`${base}/mark.svg`} width={36} height={36} alt="" />
          <div>
            <Title order={1} size="h3">
              {title}
            </Title>
            {note && (
              <Text size="sm" c="dimmed" mt={4} component="div">
                {note}
              </Text>
            )}
          </div>
          {children}
        </Stack>
      </Paper>
    </Center>
  )
}
