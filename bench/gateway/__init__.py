"""What a call through the gateway costs, in processor time and in waiting, beside plain proxies and its peers."""
