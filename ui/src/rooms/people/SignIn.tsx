import { Alert, Button, PasswordInput, Stack, TextInput } from "@mantine/core"
import { useMutation } from "@tanstack/react-query"
import { Navigate } from "@tanstack/react-router"
import { type FormEvent, useState } from "react"
import { api, data } from "../../api/client"
import { useBegin, useSession } from "../../kit/session"
import { Card } from "./Card"

export function SignIn() {
  const session = useSession()
  if (session?.person.must_change_password) return <NewPassword />
  if (session) return <Navigate to="/logs" search={{}} />
  return <Credentials />
}

function Credentials() {
  const begin = useBegin()
  const [email, setEmail] = useState("")
  const [password, setPassword] = useState("")
  const entering = useMutation({
    mutationFn: () => data(api.POST("/api/manage/session", { body: { email, password } })),
    onSuccess: begin,
  })
  return (
    <Card title="Sign in">
      <form onSubmit={sends(() => entering.mutate())}>
        <Stack gap="sm">
          <TextInput
            label="E-mail"
            autoComplete="username"
            autoFocus
            required
            value={email}
            onChange={(event) => setEmail(event.currentTarget.value)}
          />
          <PasswordInput
            label="Password"
            autoComplete="current-password"
            required
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
          <Wrong error={entering.error} />
          <Button type="submit" loading={entering.isPending} mt={4}>
            Sign in
          </Button>
        </Stack>
      </form>
    </Card>
  )
}

function NewPassword() {
  const begin = useBegin()
  const [old, setOld] = useState("")
  const [fresh, setFresh] = useState("")
  const changing = useMutation({
    mutationFn: () => data(api.POST("/api/manage/session/password", { body: { old, new: fresh } })),
    onSuccess: begin,
  })
  return (
    <Card
      title="Choose a password"
      note="The one-time password that you were given leads no further than here."
    >
      <form onSubmit={sends(() => changing.mutate())}>
        <Stack gap="sm">
          <PasswordInput
            label="One-time password"
            autoComplete="current-password"
            autoFocus
            required
            value={old}
            onChange={(event) => setOld(event.currentTarget.value)}
          />
          <PasswordInput
            label="New password"
            description="10 characters or more; a few words make a good one."
            autoComplete="new-password"
            minLength={10}
            required
            value={fresh}
            onChange={(event) => setFresh(event.currentTarget.value)}
          />
          <Wrong error={changing.error} />
          <Button type="submit" loading={changing.isPending} mt={4}>
            Save and go on
          </Button>
        </Stack>
      </form>
    </Card>
  )
}

export function Wrong({ error }: { error: Error | null }) {
  if (!error) return null
  return (
    <Alert color="red" variant="light" py="xs" role="alert">
      {error.message}
    </Alert>
  )
}

export function sends(what: () => void) {
  return (event: FormEvent) => {
    event.preventDefault()
    what()
  }
}
