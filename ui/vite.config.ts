import react from "@vitejs/plugin-react"
import { defineConfig } from "vite"

const server = "http://127.0.0.1:8700"

export default defineConfig({
  base: "./",
  plugins: [react()],
  build: {
    outDir: "../src/logwright/http/static",
    emptyOutDir: true,
    cssTarget: ["chrome125", "firefox126", "safari17.5"], // the first that know light-dark()
    assetsInlineLimit: 0, // the policy allows no data: scripts, and one rule for all is easier to keep
    modulePreload: { polyfill: false }, // it would be an inline script
    chunkSizeWarningLimit: 900,
  },
  server: { proxy: { "/api": server, "/v1": server } },
})
