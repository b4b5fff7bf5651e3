import type { Facet } from "../../api/client"
import { compact, quoted } from "../../kit/format"
import { has, toggled } from "./search"

const TITLES: Record<string, string> = {
  model: "Model",
  status: "Status",
  error: "Error",
  provider: "Provider",
  kind: "Kind",
  source: "Source",
  tag: "Tags",
}

/** Values with their counts; a click adds the condition to the query, another takes it out. */
export function Facets({
  facets,
  q,
  onChange,
}: {
  facets: Facet[]
  q: string
  onChange: (q: string) => void
}) {
  return (
    <aside className="facets" aria-label="Filters">
      {facets
        .filter((facet) => facet.values.length > 0)
        .map((facet) => (
          <section key={facet.field}>
            <h3>{TITLES[facet.field] ?? facet.field.replace(/^tag\./, "")}</h3>
            {facet.values.map(({ value, count }) => {
              const condition =
                facet.field === "tag" ? `has:tag.${quoted(value)}` : `${facet.field}:${quoted(value)}`
              return (
                <button
                  type="button"
                  className="facet"
                  key={value}
                  aria-pressed={has(q, condition)}
                  title={condition}
                  onClick={() => onChange(toggled(q, condition))}
                >
                  <span>{value.replaceAll("_", " ")}</span>
                  <span className="digits">{compact(count)}</span>
                </button>
              )
            })}
          </section>
        ))}
    </aside>
  )
}
