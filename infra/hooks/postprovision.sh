#!/bin/sh
# Shows what this deployment leaves to others, in commands that they can run as they are.
set -eu

# azd hands an array over as JSON. `","` stands between two commands and in none, for a quote inside one is escaped.
show() {
  if [ -z "$2" ] || [ "$2" = '[]' ]; then
    return 0
  fi
  printf '\n%s\n\n' "$1"
  printf '%s\n' "$2" | awk '{
    sub(/^\["/, ""); sub(/"\]$/, ""); gsub(/","/, "\n"); gsub(/\\"/, "\""); gsub(/\\\\/, "\\"); print
  }'
}

show 'The owner of workspaces and registries has to run:' "${ROLE_COMMANDS:-}"
show 'The owner of the app registration has to run, once:' "${SIGN_IN_COMMANDS:-}"
