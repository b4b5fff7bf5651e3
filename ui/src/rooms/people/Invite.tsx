import { Button, PasswordInput, Stack, TextInput } from "@mantine/core"
import { useMutation, useQuery } from "@tanstack/react-query"
import { useNavigate } from "@tanstack/react-router"
import { useState } from "react"
import { api, data } from "../../api/client"
import { Loading } from "../../kit/Notes"
import { useBegin, useSession } from "../../kit/session"
import { Card } from "./Card"
import { sends, Wrong } from "./SignIn"

/** What a link to join shows. Its token is behind the #, so that no server between learns of it. */
export function Invite() {
  const token = location.hash.replace(/^#/, "")
  const session = useSession()
  const navigate = useNavigate()
  const begin = useBegin()
  const [email, setEmail] = useState("")
  const [name, setName] = useState("")
  const [password, setPassword] = useState("")
  const offer = useQuery({
    queryKey: ["offer", token],
    queryFn: () => data(api.POST("/api/manage/invitations/look", { body: { token } })),
    retry: false,
  })
  const joining = useMutation({
    mutationFn: () =>
      session
        ? data(api.POST("/api/manage/invitations/accept", { body: { token } }))
        : data(
            api.POST("/api/manage/invitations/join", {
              body: { token, email: email || offer.data?.email || "", name, password },
            }),
          ),
    onSuccess: async (made) => {
      begin(made)
      await navigate({ to: "/logs", search: {} })
    },
  })
  if (offer.isPending) return <Loading what="the invitation" />
  if (offer.error)
    return (
      <Card title="This link leads nowhere" note={offer.error.message}>
        <span />
      </Card>
    )
  const where = offer.data.project ? `the project ${offer.data.project}` : "this installation, as an admin"
  return (
    <Card
      title="You are invited"
      note={`To join ${where}${offer.data.project ? ` as ${offer.data.role}` : ""}.`}
    >
      <form onSubmit={sends(() => joining.mutate())}>
        <Stack gap="sm">
          {!session && (
            <>
              <TextInput
                label="E-mail"
                type="email"
                autoComplete="username"
                required
                value={email || offer.data.email}
                readOnly={offer.data.email !== ""}
                onChange={(event) => setEmail(event.currentTarget.value)}
              />
              <TextInput
                label="Name"
                autoComplete="name"
                required
                value={name}
                onChange={(event) => setName(event.currentTarget.value)}
              />
              <PasswordInput
                label="Password"
                description="10 characters or more; a few words make a good one."
                autoComplete="new-password"
                minLength={10}
                required
                value={password}
                onChange={(event) => setPassword(event.currentTarget.value)}
              />
            </>
          )}
          <Wrong error={joining.error} />
          <Button type="submit" loading={joining.isPending}>
            {session ? `Join as ${session.person.name}` : "Join"}
          </Button>
        </Stack>
      </form>
    </Card>
  )
}
