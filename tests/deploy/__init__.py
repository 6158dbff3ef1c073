"""What stands under deploy/ and docs/runbooks, without any server."""
