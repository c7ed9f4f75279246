#!/usr/bin/env bash
# The spelling of sources and texts. .codespellrc lists the words that only look misspelt.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

codespell src tests docs web clients include bench examples cmake scripts dev README.md CONTRIBUTING.md CHANGELOG.md
