import {
  ActionIcon,
  Menu,
  Select,
  Tooltip,
  useComputedColorScheme,
  useMantineColorScheme,
} from "@mantine/core"
import { IconLogout, IconMoon, IconRocket, IconSun, IconTimeline } from "@tabler/icons-react"
import { useQueryClient } from "@tanstack/react-query"
import { Link, Outlet, useNavigate } from "@tanstack/react-router"
import { api, base } from "../../api/client"
import { chooseProject, forgetOthers, sessionQuery, useProject, useSession } from "../../kit/session"

/** The frame of every room: where one can go, which project it is, who one is. */
export function Frame() {
  const session = useSession()
  const project = useProject()
  const navigate = useNavigate()
  const client = useQueryClient()
  const { setColorScheme } = useMantineColorScheme()
  const scheme = useComputedColorScheme("light")

  async function signOut() {
    await api.DELETE("/api/manage/session")
    client.setQueryData(sessionQuery.queryKey, null)
    await navigate({ to: "/sign-in" })
    forgetOthers(client)
  }

  return (
    <div className="frame">
      <nav className="nav" aria-label="Rooms">
        <div className="brand">
          <img src={`${base}/mark.svg`} width={22} height={22} alt="" />
          Logwright
        </div>
        <Link to="/logs" search={{}}>
          <IconTimeline size={17} stroke={1.8} aria-hidden /> Logs
        </Link>
        <Link to="/start">
          <IconRocket size={17} stroke={1.8} aria-hidden /> Send a call
        </Link>
        <div className="push" style={{ flex: 1 }} />
        {(session?.projects.length ?? 0) > 1 && (
          <Select
            className="aside"
            aria-label="Project"
            size="xs"
            allowDeselect={false}
            data={(session?.projects ?? []).map((each) => ({ value: each.id, label: each.name }))}
            value={project?.id ?? null}
            onChange={(id) => id && chooseProject(id)}
          />
        )}
        <div
          className="aside"
          style={{ display: "flex", gap: 4, alignItems: "center", padding: "8px 4px 0" }}
        >
          <Menu position="top-start" width={220}>
            <Menu.Target>
              <button
                type="button"
                className="facet"
                style={{ flex: 1, minWidth: 0 }}
                aria-label={`Signed in as ${session?.person.name}`}
              >
                <span>{session?.person.name}</span>
              </button>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Label>{session?.person.email}</Menu.Label>
              <Menu.Item leftSection={<IconLogout size={15} />} onClick={() => void signOut()}>
                Sign out
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
          <Tooltip label={scheme === "dark" ? "Light" : "Dark"}>
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={scheme === "dark" ? "Use light colours" : "Use dark colours"}
              onClick={() => setColorScheme(scheme === "dark" ? "light" : "dark")}
            >
              {scheme === "dark" ? <IconSun size={16} /> : <IconMoon size={16} />}
            </ActionIcon>
          </Tooltip>
        </div>
      </nav>
      <main className="page">
        <Outlet />
      </main>
    </div>
  )
}
