# Sourced by the check-… scripts: run checks by name, say what failed and what could not be checked.
# CHECK_ONLY is a pattern that names must match. With WIREFEED_CHECK_STRICT=1 what could not be checked is a failure.
# shellcheck shell=bash
tools=${WIREFEED_SERVICES:-${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/wirefeed/services}/checks
mkdir -p "$tools/bin"
export PATH=$tools/bin:$tools/venv/bin:$PATH
failed=() unchecked=()

wanted() { [[ $1 =~ ${CHECK_ONLY:-.} ]]; }
skip() { # NAME REASON
  wanted "$1" || return 0
  printf '      %s: not checked, %s\n' "$1" "$2"; unchecked+=("$1")
}
run() { # NAME COMMAND…: exit code 3 of the command says that it could not check
  local name=$1 output status=0; shift
  wanted "$name" || return 0
  output=$("$@" 2>&1) || status=$?
  case $status in
    0) printf 'ok    %s\n' "$name" ;;
    3) skip "$name" "$(tail -n 1 <<< "$output")" ;;
    *) printf 'FAIL  %s\n%s\n' "$name" "$output"; failed+=("$name") ;;
  esac
}
finish() {
  [ ${#unchecked[@]} = 0 ] || echo "not checked: $(IFS=';'; echo "${unchecked[*]}")"
  [ ${#failed[@]} = 0 ] || { echo "failed: $(IFS=';'; echo "${failed[*]}")"; exit 1; }
  [ ${#unchecked[@]} = 0 ] || [ -z "${WIREFEED_CHECK_STRICT:-}" ] || exit 1
}

python_tools() { # by hash, in a place of their own: they are run, never imported
  cmp -s deploy/requirements-check.txt "$tools/venv/installed" && return
  scripts/create-venv "${PYTHON:-python3}" "$tools/venv" &&
    "$tools/venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r deploy/requirements-check.txt &&
    cp deploy/requirements-check.txt "$tools/venv/installed"
}
debian_tools() { # Prometheus and the tools of both, unpacked, not installed
  [ -x "$tools/bin/promtool" ] && [ -x "$tools/bin/amtool" ] && return
  command -v apt-get >/dev/null || return
  mkdir -p "$tools/debian" &&
    (cd "$tools/debian" && apt-get download -o APT::Sandbox::User=root prometheus prometheus-alertmanager && for file in *.deb; do dpkg -x "$file" .; done) >/dev/null 2>&1 &&
    ln -sf "$tools"/debian/usr/bin/{prometheus,promtool,amtool} "$tools/bin/"
}
go_tool() { # NAME VERSION PACKAGE: build a program from its Go module; minutes, once
  command -v "$1" >/dev/null && return
  command -v go >/dev/null || return
  mkdir -p "$tools/go-$1" && (
    cd "$tools/go-$1" && { [ -f go.mod ] || go mod init check; } && go get "$3@$2" && go build -o "$tools/bin/$1" "$3"
  ) >/dev/null 2>&1
}
node_tools() {
  command -v node >/dev/null && command -v npm >/dev/null || return
  [ -d "$tools/node_modules/@asyncapi/parser" ] || npm install --silent --no-audit --no-fund --prefix "$tools" @asyncapi/parser >/dev/null
}
