import createClient from "openapi-fetch"
import type { components, paths } from "./schema"

export type Schemas = components["schemas"]
export type LogSummary = Schemas["LogSummaryOut"]
export type Log = Schemas["LogOut"]
export type Session = Schemas["SessionOut"]
export type Stats = Schemas["StatsOut"]
export type Bar = Schemas["BarOut"]
export type Facet = Schemas["FacetOut"]
export type FieldInfo = Schemas["FieldOut"]

const told = (name: string) =>
  document.querySelector<HTMLMetaElement>(`meta[name="logwright-${name}"]`)?.content ?? ""

/** Where the server is, also behind a proxy that puts a path before it. */
export const base = location.origin + told("base")

/** What the page's policy lets a style element through by. */
export const nonce = told("nonce")

/** What the server said of a request that failed. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly requestId: string,
  ) {
    super(message)
  }
}

let csrf = ""

/** Remember the token that changes need; every answer about the session brings it. */
export function proveWith(token: string): void {
  csrf = token
}

export const api = createClient<paths>({ baseUrl: base })

api.use({
  onRequest({ request }) {
    if (csrf && request.method !== "GET") request.headers.set("x-csrf-token", csrf)
    return request
  },
  async onResponse({ response }) {
    if (response.ok) return response
    const said = await response
      .clone()
      .json()
      .catch(() => null)
    const issues = (said?.issues ?? []).map((issue: { message: string }) => issue.message)
    const words = issues.length ? issues.join("; ") : said?.message
    throw new Refused(
      response.status,
      words || `The server answered ${response.status}`,
      response.headers.get("x-request-id") ?? "",
    )
  },
  onError({ error }) {
    if (error instanceof Refused) return error
    return new Refused(0, "The server cannot be reached", "")
  },
})

/** Give the data of an answer; a failure has been thrown before. */
export async function data<T>(answer: Promise<{ data?: T }>): Promise<T> {
  return (await answer).data as T
}
