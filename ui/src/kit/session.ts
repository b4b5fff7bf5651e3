import { type QueryClient, queryOptions, useQuery, useQueryClient } from "@tanstack/react-query"
import { api, data, proveWith, type Session } from "../api/client"

/** Who is signed in; null when nobody is. */
export const sessionQuery = queryOptions({
  queryKey: ["session"],
  queryFn: async (): Promise<Session | null> => {
    const session = await data(api.GET("/api/manage/session"))
    if (session) proveWith(session.csrf_token)
    return session ?? null
  },
  staleTime: 60_000,
})

export function useSession(): Session | null | undefined {
  return useQuery(sessionQuery).data
}

/** Take over a session that an answer has just begun. */
export function useBegin(): (session: Session) => void {
  const client = useQueryClient()
  return (session) => {
    proveWith(session.csrf_token)
    client.setQueryData(sessionQuery.queryKey, session)
    forgetOthers(client)
  }
}

/** Forget what the server said to whoever was signed in before. */
export function forgetOthers(client: QueryClient): void {
  client.removeQueries({ predicate: (query) => query.queryKey[0] !== sessionQuery.queryKey[0] })
}

const CHOSEN = "logwright.project"

/** The project that the pages show: the one chosen last, else the first. */
export function useProject(): { id: string; name: string; role: string } | undefined {
  const projects = useSession()?.projects ?? []
  const chosen = localStorage.getItem(CHOSEN)
  return (
    projects.find((each) => each.id === chosen) ??
    projects.find((each) => each.name === "default") ??
    projects[0]
  )
}

export function chooseProject(id: string): void {
  localStorage.setItem(CHOSEN, id)
  location.reload() // everything on the page is the other project's
}
