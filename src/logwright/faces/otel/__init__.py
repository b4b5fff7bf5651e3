"""OpenTelemetry: spans of generative AI that others send become logs."""
