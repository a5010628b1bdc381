# Sourced by scripts/run and scripts/test: makes or reuses .venv and installs what pyproject.toml names.
# Does nothing but start when what is installed is what pyproject.toml says.

here=$PWD # where the caller stands: paths among the arguments are relative to it
cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=$PWD

say() { printf '== %s\n' "$*" >&2; }

find_python() {
  local name
  for name in "${PYTHON:-}" python3 python3.14 python3.13 python3.12 python3.11 python; do
    if [ -n "$name" ] && command -v "$name" >/dev/null 2>&1 &&
      "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      echo "$name"
      return
    fi
  done
  say "Python 3.11 or newer is needed and none was found; PYTHON=/path/to/python names one"
  return 1
}

# install EXTRAS: the package itself, editable, with these extras ("" for none)
install() {
  local extras=$1 stamp want python
  if [ ! -x .venv/bin/python ] || ! .venv/bin/python -c 'import pip' 2>/dev/null; then
    python=$(find_python)
    say "making .venv with $("$python" --version)"
    "$python" -m venv --clear .venv
  fi
  stamp=.venv/installed${extras:+-$extras}
  want=$(cat pyproject.toml scripts/constraints.txt | cksum)
  if [ "$(cat "$stamp" 2>/dev/null || true)" = "$want" ] && .venv/bin/python -P -c 'import mt, ctranslate2, sacrebleu' 2>/dev/null; then
    return
  fi
  say "installing kakehashi${extras:+[$extras]} into .venv (once)"
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --editable ".${extras:+[$extras]}" \
    --constraint scripts/constraints.txt
  echo "$want" >"$stamp"
}
