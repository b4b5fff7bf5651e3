import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from "@tanstack/react-router"
import { base } from "./api/client"
import { NotFound } from "./kit/Notes"
import { type LogSearch, readSearch } from "./rooms/logs/search"
import { Frame } from "./rooms/start/Frame"
import { Root } from "./rooms/start/Root"

const root = createRootRoute({ component: Root, notFoundComponent: NotFound })

const signIn = createRoute({
  getParentRoute: () => root,
  path: "/sign-in",
  component: lazyRouteComponent(() => import("./rooms/people/SignIn"), "SignIn"),
})
const invite = createRoute({
  getParentRoute: () => root,
  path: "/invite",
  component: lazyRouteComponent(() => import("./rooms/people/Invite"), "Invite"),
})
const frame = createRoute({ getParentRoute: () => root, id: "frame", component: Frame })
const home = createRoute({
  getParentRoute: () => frame,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/logs", search: {} })
  },
})
export const logs = createRoute({
  getParentRoute: () => frame,
  path: "/logs",
  validateSearch: (search: Record<string, unknown>): LogSearch => readSearch(search),
  component: lazyRouteComponent(() => import("./rooms/logs/Logs"), "Logs"),
})
const start = createRoute({
  getParentRoute: () => frame,
  path: "/start",
  component: lazyRouteComponent(() => import("./rooms/start/Start"), "Start"),
})

export const router = createRouter({
  routeTree: root.addChildren([signIn, invite, frame.addChildren([home, logs, start])]),
  basepath: new URL(base).pathname,
  defaultPreload: "intent",
})

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router
  }
}
