import { createTheme, type MantineColorsTuple } from "@mantine/core"

/** The one accent: a deep sea green that stays readable on white and on near-black. */
const sea: MantineColorsTuple = [
  "#effcf9",
  "#d8f5ee",
  "#aee9dc",
  "#7fdcc9",
  "#57cfb8",
  "#2bb7a0",
  "#0f9384",
  "#0f766e",
  "#115e59",
  "#134e4a",
]

/** Greys with a breath of blue; the last ones are the dark theme's surfaces. */
const dark: MantineColorsTuple = [
  "#d5d9e0",
  "#b3bac5",
  "#8b94a3",
  "#667080",
  "#434b58",
  "#2c323c",
  "#1f242c",
  "#171b21",
  "#11151a",
  "#0c0f13",
]

export const theme = createTheme({
  primaryColor: "sea",
  primaryShade: { light: 7, dark: 5 },
  colors: { sea, dark },
  fontFamily:
    'ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif',
  fontFamilyMonospace:
    'ui-monospace, SFMono-Regular, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace',
  defaultRadius: "md",
  cursorType: "pointer",
  headings: { fontWeight: "600" },
  fontSizes: { xs: "0.75rem", sm: "0.8125rem", md: "0.875rem", lg: "1rem", xl: "1.125rem" },
})
