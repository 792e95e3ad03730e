#!/usr/bin/env bash
# Installs what the tests start: redis-server, prometheus with its promtool, and a
# server that speaks MongoDB's protocol. Does nothing, at once, when all is there.
# The last one goes to $ORESTY_SERVICES, or to ~/.cache/oresty/services.
set -euo pipefail
cd "$(dirname "$0")"

folder=${ORESTY_SERVICES:-${XDG_CACHE_HOME:-$HOME/.cache}/oresty/services}
mongo=$folder/mongo

# install_packages PROGRAM=PACKAGE...: those whose program is not there
install_packages() {
  local missing=() pair
  for pair in "$@"; do
    command -v "${pair%%=*}" >/dev/null || missing+=("${pair#*=}")
  done
  if [ ${#missing[@]} -eq 0 ]; then return; fi
  apt-get update
  DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}"
}

install_packages redis-server=redis-server prometheus=prometheus \
  promtool=prometheus java=default-jre-headless

# What was installed from is kept beside it, so that a change installs again.
if ! cat mongo/pom.xml mongo/Main.java | cmp -s - "$mongo/from"; then
  install_packages javac=default-jdk-headless mvn=maven
  rm -rf "$mongo"
  mkdir -p "$mongo/lib"
  mvn -q -B -f mongo/pom.xml dependency:copy-dependencies \
    -DincludeScope=runtime -DoutputDirectory="$mongo/lib"
  javac -cp "$mongo/lib/*" -d "$mongo/lib" mongo/Main.java
  # Last: a run that was cut short has not written it.
  cat mongo/pom.xml mongo/Main.java >"$mongo/from"
fi
echo "redis-server: $(command -v redis-server)"
echo "prometheus: $(command -v prometheus)"
echo "mongo: $mongo"
