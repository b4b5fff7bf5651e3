import { useQuery } from "@tanstack/react-query"
import { Navigate, Outlet, useLocation } from "@tanstack/react-router"
import { ErrorNote, Loading } from "../../kit/Notes"
import { sessionQuery } from "../../kit/session"

const OPEN = ["/sign-in", "/invite"]

/** Every page stands on a session, but those that begin one. */
export function Root() {
  const { data: session, error, isPending, refetch } = useQuery(sessionQuery)
  const { pathname } = useLocation()
  if (isPending) return <Loading what="Logwright" />
  if (error) return <ErrorNote error={error} retry={() => void refetch()} />
  const open = OPEN.some((path) => pathname.startsWith(path))
  if (!open && (session === null || session?.person.must_change_password)) return <Navigate to="/sign-in" />
  return <Outlet />
}
